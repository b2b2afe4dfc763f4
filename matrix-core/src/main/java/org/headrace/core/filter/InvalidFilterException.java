package org.headrace.core.filter;

/** A filter does not have the form that the specification gives; the message is for a client. */
public final class InvalidFilterException extends IllegalArgumentException {
  public InvalidFilterException(String message) {
    super(message);
  }
}
