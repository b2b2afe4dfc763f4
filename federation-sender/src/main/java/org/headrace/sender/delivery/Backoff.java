package org.headrace.sender.delivery;

import java.util.random.RandomGenerator;

/** When a destination that fails is tried again: soon at first, then less and less often. */
final class Backoff {
  static final long FIRST_MILLIS = 2_000;
  static final long LAST_MILLIS = 3_600_000;
  private static final int FACTOR = 4;

  /** The wait is shortened by up to this share, so that destinations do not come back in step. */
  private static final double JITTER = 0.3;

  private final RandomGenerator random;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /**
   * How long to wait after so many failures in a row, in milliseconds.
   *
   * @param atLeastMillis what the destination asked for, within reason
   */
  long waitMillis(int failures, long atLeastMillis) {
    long wait = FIRST_MILLIS;
    for (int i = 1; i < failures && wait < LAST_MILLIS; i++) {
      wait *= FACTOR;
    }
    wait = Math.min(wait, LAST_MILLIS);
    long jittered = Math.round(wait * (1 - JITTER * random.nextDouble()));
    return Math.max(jittered, Math.min(atLeastMillis, LAST_MILLIS));
  }
}
