package org.headrace.benchmarks.load;

import java.util.Random;

/**
 * When requests are due, whatever the server does (an open loop). A stall of the server makes later
 * requests late against their due times, so that it shows in every latency that it touched.
 */
final class Arrivals {
  enum Kind {
    /** Equal gaps. */
    CONSTANT,
    /** Independent arrivals: exponential gaps with the same mean. */
    POISSON
  }

  private final Kind kind;
  private final double gapNanos;
  private final Random random;
  private double due;

  Arrivals(Kind kind, double perSecond, long seed) {
    if (perSecond <= 0) {
      throw new IllegalArgumentException("a rate is above 0/s");
    }
    this.kind = kind;
    this.gapNanos = 1e9 / perSecond;
    this.random = new Random(seed);
  }

  /** The next due time, in nanoseconds since the beginning. */
  long next() {
    due +=
        switch (kind) {
          case CONSTANT -> gapNanos;
          case POISSON -> -gapNanos * Math.log(1.0 - random.nextDouble());
        };
    return (long) due;
  }
}
