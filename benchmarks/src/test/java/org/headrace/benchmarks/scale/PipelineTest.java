package org.headrace.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class PipelineTest {
  private static final Traffic ALIKE = Traffic.of(20_000, 0, 64, 1);

  private static double highest(Traffic traffic, Costs costs, int owners) {
    return Capacity.of(new Pipeline(traffic, costs, owners, 1), 500, 40).highest();
  }

  /** M/M/1: the time in the system is exponential, with the mean 1 / (service rate - rate). */
  @Test
  void oneOwnerIsAQueueAsTheoryHasIt() {
    Pipeline pipeline = new Pipeline(ALIKE, new Costs(1, 0, 0, 0), 1, 1);
    Histogram delays = pipeline.run(800, 60, 2_000);
    assertThat(delays.getMean()).isCloseTo(5_000, Percentage.withPercentage(4));
    assertThat((double) delays.getValueAtPercentile(99))
        .isCloseTo(5_000 * Math.log(100), Percentage.withPercentage(6));
  }

  /** The same queue, but for each batch waiting for its last. */
  @Test
  void aProjectorShowsWhatItTookTogether() {
    Histogram alone = new Pipeline(ALIKE, new Costs(1, 0, 0, 0), 1, 1).run(500, 10, 400);
    Histogram batches = new Pipeline(ALIKE, new Costs(0, 1, 0, 0), 1, 1).run(500, 10, 400);
    assertThat(batches.getMean()).isBetween(alone.getMean(), 2 * alone.getMean());
  }

  @Test
  void aWriteAndACommitAreWaitedFor() {
    Costs costs = new Costs(0, 0, 7, 0);
    Histogram delays = new Pipeline(ALIKE, costs, 1, 1).run(1, 0, 1_000);
    assertThat(delays.getValueAtPercentile(50) / 1e3).isCloseTo(7, within(0.1));
    Histogram committing = new Pipeline(ALIKE, new Costs(0, 0, 0, 200), 1, 1).run(50, 10, 400);
    // A fifth of all comes within a commit, and waits for half of it.
    assertThat(committing.getMean() / 1e3).isCloseTo(20, within(1.5));
  }

  @Test
  void twiceAsManyOwnersCarryTwiceAsMuchOfWhatIsEvenlySpread() {
    double one = highest(ALIKE, new Costs(1, 0.5, 5, 10), 1);
    double two = highest(ALIKE, new Costs(1, 0.5, 5, 10), 2);
    assertThat(one).isBetween(930.0, 1_000.0);
    assertThat(two / one).isBetween(1.85, 2.05);
  }

  @Test
  void oneRoomIsCarriedByOneOwner() {
    Traffic room = Traffic.of(1, 1, 64, 1);
    assertThat(room.hottestPartition()).isEqualTo(1);
    assertThat(highest(room, new Costs(1, 0.5, 5, 10), 64))
        .isCloseTo(highest(ALIKE, new Costs(1, 0.5, 5, 10), 1), Percentage.withPercentage(2));
  }

  @Test
  void aSeedSaysAll() {
    Pipeline pipeline = new Pipeline(ALIKE, new Costs(1, 1, 5, 10), 4, 3);
    assertThat(pipeline.run(2_000, 1, 10)).isEqualTo(pipeline.run(2_000, 1, 10));
  }

  @Test
  void partitionsAreSharedByCount() {
    assertThat(Assignment.ranges(5, 2)).containsExactly(0, 0, 0, 1, 1);
    assertThat(Assignment.inTurn(5, 2)).containsExactly(0, 1, 0, 1, 0);
    assertThat(Assignment.ranges(2, 3)).containsExactly(0, 1);
    assertThat(Arrays.stream(Traffic.of(100, 1, 16, 1).byPartition()).sum())
        .isCloseTo(1, within(1e-9));
  }
}
