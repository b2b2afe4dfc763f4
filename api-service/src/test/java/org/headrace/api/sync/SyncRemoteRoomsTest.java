package org.headrace.api.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.api.sync.SyncClientFake.ids;
import static org.headrace.api.sync.SyncClientFake.joined;
import static org.headrace.api.sync.SyncClientFake.keys;
import static org.headrace.api.world.World.content;
import static org.headrace.api.world.World.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.headrace.api.event.PageToken;
import org.headrace.api.world.World;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.record.StateChange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** /sync of rooms that come from other servers. */
class SyncRemoteRoomsTest {
  private static final UserId BOB = user("bob");
  private static final UserId REMOTE = new UserId("@remy:far.example");
  private static final RoomId FAR = new RoomId("!far:far.example");

  @TempDir Path folder;
  private World world;
  private SyncClientFake bob;

  @BeforeEach
  void open() {
    world = new World(folder);
    bob = new SyncClientFake(world, BOB);
  }

  @AfterEach
  void close() {
    world.close();
  }

  private static ObjectNode stripped(String type, String key, ObjectNode content) {
    ObjectNode event = Json.object().put("type", type).put("state_key", key);
    event.put("sender", REMOTE.value()).put("auth_events", "left out").set("content", content);
    return event;
  }

  private static JsonNode of(JsonNode answer, String section) {
    return answer.path("rooms").path(section).path(FAR.value());
  }

  @Test
  void showsAnInviteWithTheStateThatItsServerTold() {
    bob.sync();
    world.noted(
        FAR,
        REMOTE,
        BOB,
        "invite",
        List.of(
            stripped("m.room.name", "", content("name", "Far away")),
            Json.object().put("type", "malformed")));
    JsonNode events = of(bob.sync(), "invite").path("invite_state").path("events");
    assertThat(keys(events)).containsExactly("m.room.name|", "m.room.member|" + BOB);
    assertThat(events.path(0).has("auth_events")).isFalse();
    assertThat(of(bob.sync(), "invite").isMissingNode()).isTrue();
    bob.restart();
    assertThat(of(bob.sync(), "invite").isMissingNode()).isFalse();
  }

  @Test
  void showsAKnock() {
    bob.sync();
    world.noted(
        FAR, BOB, BOB, "knock", List.of(stripped("m.room.name", "", content("name", "Far"))));
    JsonNode events = of(bob.sync(), "knock").path("knock_state").path("events");
    assertThat(keys(events)).contains("m.room.name|");
  }

  @Test
  void tellsThatAnInviteWasRefused() {
    world.noted(FAR, REMOTE, BOB, "invite", List.of());
    bob.sync();
    EventId leave = world.noted(FAR, BOB, BOB, "leave", List.of());
    JsonNode left = of(bob.sync(), "leave");
    assertThat(ids(left.path("timeline").path("events"))).containsExactly(leave.value());
    assertThat(of(bob.sync(), "leave").isMissingNode()).isTrue();
    assertThat(of(bob.sync(), "invite").isMissingNode()).isTrue();
  }

  @Test
  void anInviteBecomesAJoinWithTheWholeState() {
    world.noted(FAR, REMOTE, BOB, "invite", List.of());
    bob.sync();
    EventId join = joinFar();
    world.gap(FAR, join, world.place(FAR, join) - 1, null);
    JsonNode room = joined(bob.sync(), FAR);
    assertThat(ids(room.path("timeline").path("events"))).containsExactly(join.value());
    assertThat(room.path("timeline").path("limited").asBoolean()).isTrue();
    assertThat(room.path("timeline").path("prev_batch").asText())
        .isEqualTo(PageToken.encode(world.place(FAR, join) - 1));
    assertThat(keys(room.path("state").path("events")))
        .containsExactlyInAnyOrder(
            "m.room.create|", "m.room.member|" + REMOTE, "m.room.join_rules|");
    assertThat(room.path("summary").path("m.joined_member_count").asInt()).isEqualTo(2);
  }

  @Test
  void aTimelineBeginsAfterWhatCameOfThePast() {
    EventId join = joinFar();
    long place = world.place(FAR, join);
    world.gap(FAR, join, place - 1, null);
    bob.sync();
    EventId past = world.past(FAR, REMOTE, place - 1, join);
    world.gap(FAR, join, List.of(), place - 2, null);
    assertThat(joined(bob.sync(), FAR).isMissingNode()).isTrue();
    bob.restart();
    JsonNode timeline = joined(bob.sync(), FAR).path("timeline");
    assertThat(ids(timeline.path("events")))
        .containsExactly(join.value())
        .doesNotContain(past.value());
    assertThat(timeline.path("limited").asBoolean()).isTrue();
    assertThat(timeline.path("prev_batch").asText()).isEqualTo(PageToken.encode(place - 1));
  }

  @Test
  void aTimelineBeginsAtAGapOfTheWindow() {
    EventId join = joinFar();
    bob.sync();
    EventId before = world.message(FAR, REMOTE, "before");
    EventId after = world.message(FAR, REMOTE, "after");
    world.gap(FAR, after, world.place(FAR, after) - 1, null);
    JsonNode timeline = joined(bob.sync(), FAR).path("timeline");
    assertThat(ids(timeline.path("events"))).containsExactly(after.value());
    assertThat(timeline.path("limited").asBoolean()).isTrue();
    assertThat(world.timeline(FAR)).containsExactly(join, before, after);
  }

  /** Joins as the room's machine does: auth chain and state, then the state, then the event. */
  private EventId joinFar() {
    EventId create = world.outlier(FAR, REMOTE, "m.room.create", "", Json.object());
    EventId remote =
        world.outlier(FAR, REMOTE, "m.room.member", REMOTE.value(), content("membership", "join"));
    EventId rules =
        world.outlier(FAR, REMOTE, "m.room.join_rules", "", content("join_rule", "public"));
    world.moveState(
        FAR,
        List.of(
            new StateChange("m.room.create", "", create),
            new StateChange("m.room.join_rules", "", rules),
            new StateChange("m.room.member", REMOTE.value(), remote)));
    return world.member(FAR, BOB, BOB, "join");
  }
}
