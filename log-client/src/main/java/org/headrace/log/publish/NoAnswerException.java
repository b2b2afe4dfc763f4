package org.headrace.log.publish;

/** The log took too long: the command may or may not be decided later. Answered as 504. */
public final class NoAnswerException extends RuntimeException {
  public NoAnswerException(String message) {
    super(message);
  }
}
