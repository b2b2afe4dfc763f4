package org.headrace.standalone.dag;

/** Why the events of a file cannot be read as a room. */
public final class UnknownRoomException extends Exception {
  private static final long serialVersionUID = 1L;

  UnknownRoomException(String message) {
    super(message);
  }
}
