package org.headrace.federation.net;

import java.time.Duration;

/** A moment by which something must be done, on the machine's monotonic clock. */
public final class Deadline {
  private final long atNanos;

  private Deadline(long atNanos) {
    this.atNanos = atNanos;
  }

  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** The earlier of this one and one in this time. */
  public Deadline within(Duration time) {
    Deadline other = in(time);
    return other.atNanos - atNanos < 0 ? other : this;
  }

  /** What is left, at least one millisecond until it has passed, then 0. */
  public long remainingMillis() {
    long nanos = atNanos - System.nanoTime();
    return nanos <= 0 ? 0 : Math.max(1, nanos / 1_000_000);
  }

  public boolean hasPassed() {
    return atNanos - System.nanoTime() <= 0;
  }
}
