package org.headrace.core.json;

/** Input is not the JSON that is allowed here; the message can be shown to a client. */
public final class InvalidJsonException extends IllegalArgumentException {
  public InvalidJsonException(String message) {
    super(message);
  }
}
