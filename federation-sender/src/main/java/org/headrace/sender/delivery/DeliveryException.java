package org.headrace.sender.delivery;

/** A transaction was not taken; it is tried again. */
public final class DeliveryException extends Exception {
  private final boolean refused;
  private final long retryAfterMillis;

  /**
   * @param refused the destination says that the request itself is wrong, so that the same one has
   *     no better chance
   * @param retryAfterMillis not before that, by the destination's own words; 0: it said nothing
   */
  public DeliveryException(String message, boolean refused, long retryAfterMillis) {
    super(message);
    this.refused = refused;
    this.retryAfterMillis = retryAfterMillis;
  }

  boolean isRefused() {
    return refused;
  }

  long retryAfterMillis() {
    return retryAfterMillis;
  }
}
