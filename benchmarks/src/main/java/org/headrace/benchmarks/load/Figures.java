package org.headrace.benchmarks.load;

import java.util.List;

/**
 * What one span of constant rate showed. Latencies are milliseconds from when a message was due.
 *
 * @param sent messages that were due in the span
 * @param refused messages that were answered with 429: the server was full and said so
 * @param failed messages that were answered otherwise than with 200 or 429, or not at all
 * @param undelivered pairs of an acknowledged message and another member that never saw it
 * @param doubled events that came to one user's /sync more than once
 * @param syncErrors polls that were not answered with 200
 */
record Figures(
    double perSecond,
    long sent,
    int seconds,
    long refused,
    long failed,
    long undelivered,
    long doubled,
    long syncErrors,
    Percentiles put,
    Percentiles delivery) {
  record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {
    static Percentiles of(Latencies latencies) {
      return new Percentiles(
          latencies.count(),
          latencies.millis(50),
          latencies.millis(90),
          latencies.millis(99),
          latencies.millis(99.9),
          latencies.maxMillis());
    }
  }

  boolean complete() {
    return refused == 0 && failed == 0 && undelivered == 0 && doubled == 0;
  }

  static String header() {
    return String.format(
        "%8s %8s | %-28s | %-28s | %s",
        "rate/s", "sent", "PUT p50    p99    max (ms)", "delivery p50  p99  max (ms)", "lost");
  }

  String row() {
    return String.format(
        "%8.1f %8d | %8.1f %8.1f %8.1f   | %8.1f %8.1f %8.1f   | %d refused, %d failed,"
            + " %d undelivered, %d doubled",
        perSecond,
        sent,
        put.p50,
        put.p99,
        put.max,
        delivery.p50,
        delivery.p99,
        delivery.max,
        refused,
        failed,
        undelivered,
        doubled);
  }

  /** The middle one; of an even number the upper. */
  static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
