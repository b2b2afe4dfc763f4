package org.headrace.api.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.headrace.api.world.World;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelinePagesPropertyTest {
  private static final int SEEDS = 30;
  private static final UserId ALICE = World.user("alice");

  @TempDir Path folder;
  private int runs;

  @Test
  void walkingEitherWayMeetsEveryEventOnceForAnyLimits() {
    Seeds.check(SEEDS, this::run);
  }

  private void run(RandomGenerator random) {
    try (World world = new World(folder.resolve("run" + runs++))) {
      RoomId room = world.room(ALICE, "shared");
      RoomId neighbour = world.room(ALICE, "shared");
      for (int i = random.nextInt(120); i > 0; i--) {
        world.message(random.nextInt(3) == 0 ? neighbour : room, ALICE, "m");
      }
      boolean messagesOnly = random.nextBoolean();
      Predicate<EventRow> accepted =
          row -> !messagesOnly || row.pdu().path("type").asText().equals("m.room.message");
      List<EventId> expected = world.timeline(room);
      if (messagesOnly) {
        expected = expected.subList(4, expected.size());
      }
      assertThat(walk(world, room, true, accepted, random).reversed()).isEqualTo(expected);
      assertThat(walk(world, room, false, accepted, random)).isEqualTo(expected);
    }
  }

  private static List<EventId> walk(
      World world,
      RoomId room,
      boolean back,
      Predicate<EventRow> accepted,
      RandomGenerator random) {
    List<EventId> met = new ArrayList<>();
    long newest = world.views.rooms().reached(world.partitions.ofRoom(room.value())).packed();
    long boundary = back ? newest : Long.MIN_VALUE;
    boolean more = true;
    while (more) {
      int limit = 1 + random.nextInt(20);
      var page =
          back
              ? world.pages.back(room, Long.MIN_VALUE, boundary, limit, accepted)
              : world.pages.forward(room, boundary, newest, limit, accepted);
      assertThat(page.rows()).hasSizeLessThanOrEqualTo(limit);
      page.rows().forEach(row -> met.add(row.eventId()));
      boundary = PageToken.decode(PageToken.encode(page.boundary()), 0).orElseThrow();
      more = page.more();
    }
    return met;
  }
}
