package org.headrace.api.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.headrace.api.event.PageToken;
import org.headrace.api.world.World;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.StateView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens between syncs, a client that fills gaps has every event once and the state. */
class SyncPropertyTest {
  private static final int SEEDS = 40;
  private static final int STEPS = 60;
  private static final UserId ALICE = World.user("alice");
  private static final UserId BOB = World.user("bob");

  @TempDir Path folder;
  private int runs;

  /** What a client holds of one room. */
  private static final class Room {
    final List<String> timeline = new ArrayList<>();
    final Map<String, String> state = new TreeMap<>();
  }

  @Test
  void everyEventArrivesOnceAndTheStateFollows() {
    Seeds.check(SEEDS, this::run);
  }

  private void run(RandomGenerator random) {
    boolean stateAfter = random.nextBoolean();
    try (World world = new World(folder.resolve("run" + runs++))) {
      List<RoomId> rooms = List.of(world.room(ALICE, "shared"), world.room(BOB, "shared"));
      world.member(rooms.get(1), ALICE, ALICE, "join");
      SyncClientFake client = new SyncClientFake(world, ALICE);
      Map<String, Room> held = new TreeMap<>();
      for (int step = 0; step < STEPS; step++) {
        act(world, rooms.get(random.nextInt(rooms.size())), random);
        if (random.nextInt(5) == 0) {
          sync(world, client, held, 1 + random.nextInt(6), stateAfter);
        }
      }
      sync(world, client, held, 3, stateAfter);
      for (RoomId room : rooms) {
        Room own = held.get(room.value());
        assertThat(own.timeline)
            .isEqualTo(world.timeline(room).stream().map(EventId::value).toList());
        Map<String, String> state = new TreeMap<>();
        var now = world.views.rooms().reached(world.partitions.ofRoom(room.value()));
        for (StateView.Entry entry : world.views.state().all(room, now)) {
          state.put(key(entry.key()), entry.eventId().value());
        }
        assertThat(own.state).isEqualTo(state);
      }
    }
  }

  private static void act(World world, RoomId room, RandomGenerator random) {
    UserId sender = random.nextBoolean() ? ALICE : BOB;
    switch (random.nextInt(5)) {
      case 0 ->
          world.state(
              room,
              sender,
              "org.example.state",
              "k" + random.nextInt(3),
              World.content("v", "" + random.nextInt()));
      case 1 -> {
        String membership = random.nextBoolean() ? "join" : "leave";
        world.member(room, BOB, World.user("u" + random.nextInt(4)), membership);
      }
      default -> world.message(room, sender, "text");
    }
  }

  private static void sync(
      World world, SyncClientFake client, Map<String, Room> held, int limit, boolean stateAfter) {
    ObjectNode answer =
        client.sync(
            "{\"room\":{\"timeline\":{\"limit\":" + limit + "}}}", stateAfter, Duration.ZERO);
    for (var joined : answer.path("rooms").path("join").properties()) {
      Room room = held.computeIfAbsent(joined.getKey(), id -> new Room());
      JsonNode timeline = joined.getValue().path("timeline");
      if (timeline.path("limited").asBoolean()) {
        fill(world, new RoomId(joined.getKey()), timeline.path("prev_batch").asText(), room);
      }
      for (JsonNode event : joined.getValue().path("state").path("events")) {
        put(room, event);
      }
      for (JsonNode event : timeline.path("events")) {
        room.timeline.add(event.path("event_id").asText());
        if (!stateAfter && event.has("state_key")) {
          put(room, event);
        }
      }
      for (JsonNode event : joined.getValue().path("state_after").path("events")) {
        put(room, event);
      }
    }
  }

  /** Pages back from prev_batch to what the client holds. */
  private static void fill(World world, RoomId id, String prevBatch, Room room) {
    long from = PageToken.decode(prevBatch, world.partitions.ofRoom(id.value())).orElseThrow();
    List<String> gap = new ArrayList<>();
    boolean more = true;
    while (more) {
      var page = world.pages.back(id, Long.MIN_VALUE, from, 2, row -> true);
      for (var row : page.rows()) {
        if (room.timeline.contains(row.eventId().value())) {
          room.timeline.addAll(gap.reversed());
          return;
        }
        gap.add(row.eventId().value());
      }
      from = page.boundary();
      more = page.more();
    }
    room.timeline.addAll(gap.reversed());
  }

  private static void put(Room room, JsonNode event) {
    StateKey key = new StateKey(event.path("type").asText(), event.path("state_key").asText());
    room.state.put(key(key), event.path("event_id").asText());
  }

  private static String key(StateKey key) {
    return key.type() + "|" + key.stateKey();
  }
}
