package org.headrace.projections.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.headrace.projections.rocksdb.OpenRocksViews;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the portions in which topics arrive, and wherever the projector is killed and goes on,
 * the rows are those of one fold from the beginning, byte by byte. The seed is the test's argument.
 */
class RebuildPropertyTest {
  private static final int SEEDS = Integer.getInteger("headrace.seeds", 15);
  private static final int COMMANDS = 60;

  static List<Long> seeds() {
    return new Random(20261123).longs(SEEDS).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void roomsAreEqual(long seed) throws IOException {
    Random random = new Random(seed);
    compare(new RoomFamily(), RandomLogs.rooms(COMMANDS, random), random);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void accountsAreEqual(long seed) throws IOException {
    Random random = new Random(seed);
    compare(new AccountFamily(), RandomLogs.accounts(COMMANDS, random), random);
  }

  private static void compare(FamilyFold fold, FakeBroker broker, Random random)
      throws IOException {
    SortedMap<String, String> fromTheBeginning;
    try (LoopHarness whole = new LoopHarness(fold, broker)) {
      whole.deliverAll();
      assertThat(whole.alarms).isEmpty();
      assertThat(whole.views().checkpoint(fold.log(), 0).nextOffset()).isPositive();
      fromTheBeginning = OpenRocksViews.dump(whole.views());
    }
    try (LoopHarness pieces = new LoopHarness(fold, broker)) {
      List<Topic> topics = new ArrayList<>(fold.ephemeral());
      topics.addAll(List.of(fold.log(), fold.log(), fold.beside()));
      for (int i = 0; i < COMMANDS; i++) {
        if (random.nextInt(10) == 0) {
          pieces.start();
        }
        pieces.deliver(topics.get(random.nextInt(topics.size())), 1 + random.nextInt(6));
      }
      pieces.deliverAll();
      assertThat(pieces.alarms).isEmpty();
      assertThat(OpenRocksViews.dump(pieces.views())).isEqualTo(fromTheBeginning);
    }
  }
}
