package org.headrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {
  @Test
  void constantArrivalsHaveEqualGaps() {
    Arrivals arrivals = new Arrivals(Arrivals.Kind.CONSTANT, 20, 1);
    assertThat(new long[] {arrivals.next(), arrivals.next(), arrivals.next()})
        .containsExactly(50_000_000, 100_000_000, 150_000_000);
  }

  @Test
  void poissonArrivalsHaveTheRateAndTheSeedRepeatsThem() {
    Arrivals one = new Arrivals(Arrivals.Kind.POISSON, 100, 7);
    Arrivals two = new Arrivals(Arrivals.Kind.POISSON, 100, 7);
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      long next = one.next();
      assertThat(next).isEqualTo(two.next()).isGreaterThanOrEqualTo(last);
      last = next;
    }
    // 10,000 arrivals at 100/s take 100 s, give or take four standard deviations (1 s each).
    assertThat(last / 1e9).isBetween(96.0, 104.0);
  }
}
