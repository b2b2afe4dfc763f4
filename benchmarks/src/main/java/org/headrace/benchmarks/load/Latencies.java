package org.headrace.benchmarks.load;

import org.HdrHistogram.ConcurrentHistogram;

/** Latencies of one kind, in microseconds, from when a request was due; for many threads. */
final class Latencies {
  private static final long HIGHEST_MICROS = 600_000_000L;
  private static final int SIGNIFICANT_DIGITS = 3;

  private final ConcurrentHistogram histogram =
      new ConcurrentHistogram(HIGHEST_MICROS, SIGNIFICANT_DIGITS);

  void record(long nanos) {
    histogram.recordValue(Math.clamp(nanos / 1_000, 0, HIGHEST_MICROS));
  }

  long count() {
    return histogram.getTotalCount();
  }

  double millis(double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1_000.0;
  }

  double maxMillis() {
    return histogram.getMaxValue() / 1_000.0;
  }
}
