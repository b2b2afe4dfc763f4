package org.headrace.log.publish;

/** Too many commands wait for their outcomes; this one was not published. Answered as 429. */
public final class BusyException extends RuntimeException {
  public BusyException() {
    super("too many requests wait for an answer; try again shortly");
  }
}
