package org.headrace.simulation.world;

import java.util.Random;

/** Counts the steps at which a task can die, and lets it die at some. */
final class Faults {
  private final Random random;
  private final double probability;
  private long steps;
  private long dieAt = -1;
  private boolean calm;
  private int crashes;

  /**
   * @param probability of a crash at each step
   */
  Faults(Random random, double probability) {
    this.random = random;
    this.probability = probability;
  }

  /** Never dies. */
  static Faults none() {
    return new Faults(new Random(0), 0);
  }

  /** Dies at this step and at no other. */
  void dieAt(long step) {
    dieAt = step;
  }

  /** No more crashes by chance: the world comes to rest. */
  void calm() {
    calm = true;
  }

  void step() {
    steps++;
    boolean byChance = !calm && probability > 0 && random.nextDouble() < probability;
    if (steps == dieAt || byChance) {
      crashes++;
      throw new Crash();
    }
  }

  long steps() {
    return steps;
  }

  int crashes() {
    return crashes;
  }
}
