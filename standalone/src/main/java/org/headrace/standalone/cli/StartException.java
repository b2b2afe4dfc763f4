package org.headrace.standalone.cli;

/** Why a command cannot do what it was asked, in one line for a person. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  public StartException(String message) {
    super(message);
  }
}
