package org.headrace.benchmarks.scale;

/**
 * What an event costs, in milliseconds.
 *
 * @param decide mean CPU time in a process of the role rooms
 * @param project mean CPU time in a projector
 * @param write how long a projector waits for its views once it has folded what there was
 * @param commit how long a rooms process decides nothing while it commits, once a second
 */
record Costs(double decide, double project, double write, double commit) {
  Costs {
    if (decide < 0 || project < 0 || write < 0 || commit < 0) {
      throw new IllegalArgumentException("a cost is not below 0");
    }
  }

  /** Of the stage that takes longer. */
  double bottleneck() {
    return Math.max(decide, project);
  }
}
