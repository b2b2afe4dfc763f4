package org.headrace.projections.runner;

/** A topic lacks what the views were made of: a power cut took its end. */
final class TopicWasCutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TopicWasCutException(String message) {
    super(message);
  }
}
