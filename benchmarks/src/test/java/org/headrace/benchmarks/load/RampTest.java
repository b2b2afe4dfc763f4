package org.headrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RampTest {
  private static Figures figures(double rate, double p99, long undelivered) {
    var latencies = new Figures.Percentiles(1, 1, 1, p99, p99, p99);
    return new Figures(rate, 1, 1, 0, 0, undelivered, 0, 0, latencies, latencies);
  }

  @Test
  void findsTheHighestRateThatHolds() throws Exception {
    Ramp ramp = new Ramp(500);
    double highest = ramp.search(25, rate -> figures(rate, rate < 330 ? 100 : 900, 0));
    assertThat(highest).isBetween(290.0, 330.0);
    assertThat(ramp.steps()).hasSizeLessThan(12);
  }

  @Test
  void aRateThatLosesMessagesDoesNotHold() throws Exception {
    Ramp ramp = new Ramp(500);
    assertThat(ramp.search(25, rate -> figures(rate, 1, rate < 60 ? 0 : 1))).isBetween(50.0, 60.0);
  }

  @Test
  void aServerThatHoldsNothingEnds() throws Exception {
    assertThat(new Ramp(500).search(25, rate -> figures(rate, 900, 0))).isZero();
  }
}
