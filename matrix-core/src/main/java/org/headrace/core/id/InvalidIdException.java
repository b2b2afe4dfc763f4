package org.headrace.core.id;

/** A string is not the Matrix identifier it was taken for; the message can be shown to a client. */
public final class InvalidIdException extends IllegalArgumentException {
  public InvalidIdException(String message) {
    super(message);
  }
}
