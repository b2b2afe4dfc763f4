package org.headrace.benchmarks.scale;

import org.HdrHistogram.Histogram;

/**
 * What so many owners carry.
 *
 * @param highest events/s, the most whose delay p99 is under the bound
 * @param usualP99 the delay's p99 at {@link #USUAL} of that, in milliseconds
 * @param busiest what the busiest owner of rooms has, as a multiple of an equal part
 */
record Capacity(int owners, double highest, double usualP99, double busiest) {
  static final double USUAL = 0.7;

  private static final int HALVINGS = 8;
  private static final double WARM_UP_PART = 0.25;
  private static final double MICROS_PER_MILLI = 1e3;

  /** Halves the span of rates below the one at which some owner is always busy. */
  static Capacity of(Pipeline pipeline, double bound, double seconds) {
    double held = 0;
    double failed = pipeline.stableBelow();
    for (int i = 0; i < HALVINGS; i++) {
      double rate = (held + failed) / 2;
      if (p99(pipeline, rate, seconds) < bound) {
        held = rate;
      } else {
        failed = rate;
      }
    }
    double usual = held == 0 ? Double.NaN : p99(pipeline, held * USUAL, seconds);
    return new Capacity(pipeline.owners(), held, usual, pipeline.busiest());
  }

  private static double p99(Pipeline pipeline, double perSecond, double seconds) {
    Histogram delays = pipeline.run(perSecond, seconds * WARM_UP_PART, seconds);
    return delays.getValueAtPercentile(99) / MICROS_PER_MILLI;
  }
}
