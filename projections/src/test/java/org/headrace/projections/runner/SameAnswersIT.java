package org.headrace.projections.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.headrace.projections.cassandra.CassandraUnderTest;
import org.headrace.projections.rocksdb.OpenRocksViews;
import org.headrace.projections.view.Answers;
import org.headrace.projections.view.OpenViews;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Both adapters, on the same log, give the same answers to every read of every port, byte by byte,
 * though Cassandra's projector is killed now and then and goes on from its checkpoint. The seed is
 * the test's argument.
 */
class SameAnswersIT {
  private static final int SEEDS = Integer.getInteger("headrace.seeds", 2);
  private static final int COMMANDS = 60;

  static List<Long> seeds() {
    return new Random(20261126).longs(SEEDS).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void ofRooms(long seed) throws IOException {
    Random random = new Random(seed);
    compare(new RoomFamily(), RandomLogs.rooms(COMMANDS, random), random);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void ofAccounts(long seed) throws IOException {
    Random random = new Random(seed);
    compare(new AccountFamily(), RandomLogs.accounts(COMMANDS, random), random);
  }

  private static void compare(FamilyFold fold, FakeBroker broker, Random random)
      throws IOException {
    OpenViews cassandra = CassandraUnderTest.emptyViews();
    foldInPieces(new LoopHarness(fold, broker, cassandra.writer()), random);
    try (OpenRocksViews rocks = new OpenRocksViews()) {
      new LoopHarness(fold, broker, rocks.rocks()).deliverAll();
      List<String> expected = Answers.of(rocks.views().ports(), COMMANDS);
      assertThat(expected).hasSizeGreaterThan(COMMANDS);
      assertThat(Answers.of(cassandra.ports(), COMMANDS)).isEqualTo(expected);
      for (Topic topic : Topic.values()) {
        assertThat(cassandra.writer().checkpoint(topic, 0))
            .isEqualTo(rocks.rocks().checkpoint(topic, 0));
      }
    }
  }

  private static void foldInPieces(LoopHarness harness, Random random) {
    List<Topic> topics = new ArrayList<>(harness.fold.ephemeral());
    topics.addAll(List.of(harness.fold.log(), harness.fold.log(), harness.fold.beside()));
    for (int i = 0; i < COMMANDS / 4; i++) {
      if (random.nextInt(8) == 0) {
        harness.start();
      }
      harness.deliver(topics.get(random.nextInt(topics.size())), 1 + random.nextInt(12));
    }
    harness.deliverAll();
    assertThat(harness.alarms).isEmpty();
  }
}
