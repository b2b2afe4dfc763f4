package org.headrace.schema.federation;

import org.jspecify.annotations.Nullable;

/**
 * A record of {@code federation.status}: how far a destination has got.
 *
 * @param sentUpTo offset on {@code federation.queue} up to which it has all; -1: nothing yet
 * @param failures attempts that failed since the last success
 * @param failingSinceTs milliseconds since 1970 of the first of them; 0: there is none
 * @param nextTryTs not before this time, milliseconds since 1970
 * @param failure what went wrong last, for operators
 */
public record DestinationStatus(
    long sentUpTo, int failures, long failingSinceTs, long nextTryTs, @Nullable String failure) {
  /** Of a destination that nothing was sent to. */
  public static final DestinationStatus NEW = new DestinationStatus(-1, 0, 0, 0, null);

  public DestinationStatus sent(long offset) {
    return new DestinationStatus(offset, 0, 0, 0, null);
  }

  public DestinationStatus failed(long nowTs, long nextTryTs, String failure) {
    return new DestinationStatus(
        sentUpTo, failures + 1, failingSinceTs == 0 ? nowTs : failingSinceTs, nextTryTs, failure);
  }
}
