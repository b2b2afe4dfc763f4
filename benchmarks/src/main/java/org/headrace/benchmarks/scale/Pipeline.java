package org.headrace.benchmarks.scale;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Events that come at a Poisson rate are decided by the owner of their partition, one after the
 * other, and projected by the one of that stage. Each owner has a core; what an event takes of it
 * is exponentially distributed around the mean.
 *
 * <p>Queues are first in, first out and nothing flows back, so each stage goes through its events
 * once, in the order in which they reach it: a discrete-event simulation without an agenda.
 */
final class Pipeline {
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Kafka Streams' commit interval in Headrace; there are no transactions. */
  private static final double COMMIT_EVERY_NANOS = 1e9;

  /** What a projector takes at once. */
  private static final int BATCH_MAX = 2_000;

  private static final long DELAY_MAX_MICROS = 3_600_000_000L;

  /** Below them an event's number, above them its time, in what is sorted by time. */
  private static final int NUMBER_BITS = 26;

  private final Traffic traffic;
  private final Costs costs;
  private final int owners;
  private final int[] decidedBy;
  private final int[] projectedBy;
  private final long seed;

  Pipeline(Traffic traffic, Costs costs, int owners, long seed) {
    this.traffic = traffic;
    this.costs = costs;
    this.owners = owners;
    this.decidedBy = Assignment.inTurn(traffic.partitions(), owners);
    this.projectedBy = Assignment.ranges(traffic.partitions(), owners);
    this.seed = seed;
  }

  int owners() {
    return owners;
  }

  /** What the busiest owner of rooms has, as a multiple of an equal part. */
  double busiest() {
    return owners * traffic.busiest(decidedBy, owners);
  }

  /** The rate at which the first owner of either stage has no time left. */
  double stableBelow() {
    double decide = traffic.busiest(decidedBy, owners) * costs.decide();
    double project = traffic.busiest(projectedBy, owners) * costs.project();
    return 1_000 / Math.max(decide, project);
  }

  /** Delays in microseconds, from when an event came to when views show it. */
  Histogram run(double perSecond, double warmUpSeconds, double seconds) {
    Decided decided = decide(perSecond, (warmUpSeconds + seconds) * NANOS_PER_SECOND);
    return project(decided, warmUpSeconds * NANOS_PER_SECOND);
  }

  /** Events in the order in which they came: when, for which partition, and when decided. */
  private record Decided(int count, double[] due, int[] partition, double[] at) {}

  private Decided decide(double perSecond, double untilNanos) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] cumulated = cumulated(traffic.byPartition());
    double expected = perSecond * untilNanos / NANOS_PER_SECOND;
    int most = (int) (expected + 10 * Math.sqrt(expected) + 10);
    if (most >> NUMBER_BITS != 0) {
      throw new IllegalArgumentException("too many events: a shorter time is enough");
    }
    double[] due = new double[most];
    double[] at = new double[most];
    int[] partition = new int[most];
    double[] free = new double[owners];
    double[] nextCommit = new double[owners];
    Arrays.setAll(nextCommit, owner -> COMMIT_EVERY_NANOS * (owner + 1) / owners);
    double gap = NANOS_PER_SECOND / perSecond;
    int count = 0;
    for (double t = exponential(random, gap);
        t < untilNanos && count < most;
        t += exponential(random, gap)) {
      due[count] = t;
      partition[count] = pick(cumulated, random.nextDouble());
      int owner = decidedBy[partition[count]];
      double begin = Math.max(t, free[owner]);
      while (nextCommit[owner] <= begin) {
        free[owner] = Math.max(free[owner], nextCommit[owner]) + costs.commit() * NANOS_PER_MILLI;
        nextCommit[owner] += COMMIT_EVERY_NANOS;
        begin = Math.max(t, free[owner]);
      }
      free[owner] = begin + exponential(random, costs.decide() * NANOS_PER_MILLI);
      at[count++] = free[owner];
    }
    return new Decided(count, due, partition, at);
  }

  /** One projector: what came while it was busy is its next batch, shown when that is written. */
  private final class Projector {
    private final SplittableRandom random;
    private final double[] batch = new double[BATCH_MAX];
    private int size;
    private double begin;
    private double free;

    Projector(long seed) {
      this.random = new SplittableRandom(seed);
    }

    void take(double at, double due, double fromNanos, Histogram delays) {
      if (size > 0 && (at > begin || size == BATCH_MAX)) {
        show(fromNanos, delays);
      }
      if (size == 0) {
        begin = Math.max(at, free);
      }
      batch[size++] = due;
    }

    void show(double fromNanos, Histogram delays) {
      double end = begin + costs.write() * NANOS_PER_MILLI;
      for (int i = 0; i < size; i++) {
        end += exponential(random, costs.project() * NANOS_PER_MILLI);
      }
      for (int i = 0; i < size; i++) {
        if (batch[i] >= fromNanos) {
          delays.recordValue(
              Math.min(DELAY_MAX_MICROS, (long) ((end - batch[i]) / NANOS_PER_MICRO)));
        }
      }
      free = end;
      size = 0;
    }
  }

  private Histogram project(Decided decided, double fromNanos) {
    long[] order = new long[decided.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = (long) (decided.at()[i] / NANOS_PER_MICRO) << NUMBER_BITS | i;
    }
    Arrays.sort(order);
    SplittableRandom seeds = new SplittableRandom(seed + 1);
    Projector[] projectors = new Projector[owners];
    Arrays.setAll(projectors, owner -> new Projector(seeds.nextLong()));
    Histogram delays = new Histogram(DELAY_MAX_MICROS, 3);
    for (long next : order) {
      int i = (int) (next & (1L << NUMBER_BITS) - 1);
      Projector projector = projectors[projectedBy[decided.partition()[i]]];
      projector.take(decided.at()[i], decided.due()[i], fromNanos, delays);
    }
    for (Projector projector : projectors) {
      projector.show(fromNanos, delays);
    }
    return delays;
  }

  private static double exponential(SplittableRandom random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  private static double[] cumulated(double[] shares) {
    double[] cumulated = shares.clone();
    for (int i = 1; i < cumulated.length; i++) {
      cumulated[i] += cumulated[i - 1];
    }
    return cumulated;
  }

  private static int pick(double[] cumulated, double point) {
    int found = Arrays.binarySearch(cumulated, point);
    return Math.min(found < 0 ? -found - 1 : found + 1, cumulated.length - 1);
  }
}
