package org.headrace.core.state;

/** A node of a state tree is not there, or is not what its name says: the store was damaged. */
public final class DamagedNodeException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public DamagedNodeException(String hash, String what) {
    super("state tree node " + hash + " " + what);
  }
}
