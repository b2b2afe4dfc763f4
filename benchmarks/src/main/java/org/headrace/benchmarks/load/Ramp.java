package org.headrace.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the highest rate that meets a bound: doubles until a rate fails, then halves the gap
 * between the highest that held and the lowest that failed until it is small.
 */
final class Ramp {
  /** Runs one rate. */
  interface Step {
    Figures run(double perSecond) throws InterruptedException;
  }

  private static final double GAP_RELATIVE = 0.1;
  private static final int STEPS_MAX = 16;

  private final double boundMillis;
  private final List<Figures> steps = new ArrayList<>();

  Ramp(double boundMillis) {
    this.boundMillis = boundMillis;
  }

  List<Figures> steps() {
    return steps;
  }

  boolean holds(Figures figures) {
    return figures.complete() && figures.delivery().p99() < boundMillis;
  }

  /** The highest rate that held, 0 if none did. */
  double search(double from, Step step) throws InterruptedException {
    double held = 0;
    double failed = Double.POSITIVE_INFINITY;
    double rate = from;
    while (steps.size() < STEPS_MAX && failed >= 1 && failed * (1 - GAP_RELATIVE) > held) {
      Figures figures = step.run(rate);
      steps.add(figures);
      if (holds(figures)) {
        held = Math.max(held, rate);
      } else {
        failed = Math.min(failed, rate);
      }
      rate = Double.isInfinite(failed) ? rate * 2 : (held + failed) / 2;
    }
    return held;
  }
}
