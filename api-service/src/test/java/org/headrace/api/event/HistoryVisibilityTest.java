package org.headrace.api.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.api.world.World;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.StateChange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryVisibilityTest {
  private static final UserId ALICE = World.user("alice");
  private static final UserId BOB = World.user("bob");

  @TempDir Path folder;
  private World world;

  @BeforeEach
  void open() {
    world = new World(folder);
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** Alice speaks first, after each step of Bob's path, and last: a, b, … */
  @ParameterizedTest
  @CsvSource({
    "world_readable, '',                   ab",
    "world_readable, invite join leave,    abcde",
    "shared,         '',                   -",
    "shared,         invite,               -",
    "shared,         invite leave,         -",
    "shared,         invite join,          abcd",
    "shared,         join leave,           ab",
    "shared,         join ban,             ab",
    "shared,         join leave invite,    ab",
    "shared,         join leave join,      abcde",
    "invited,        join,                 bc",
    "invited,        invite join,          bcd",
    "invited,        invite join leave,    bc",
    "joined,         invite join,          cd",
    "joined,         invite join leave,    c",
    "joined,         join leave join,      bde",
  })
  void whatBobSeesDependsOnHisPath(String visibility, String path, String seen) {
    RoomId room = world.room(ALICE, visibility);
    List<EventId> said = new ArrayList<>();
    List<String> memberships = path.isEmpty() ? List.of() : List.of(path.split(" "));
    said.add(world.message(room, ALICE, "first"));
    for (String membership : memberships) {
      said.add(step(room, membership));
    }
    said.add(world.message(room, ALICE, "last"));
    assertThat(visible(room, said)).isEqualTo(seen.equals("-") ? "" : seen);
  }

  private EventId step(RoomId room, String membership) {
    UserId sender = membership.equals("join") || membership.equals("leave") ? BOB : ALICE;
    world.member(room, sender, BOB, membership);
    return world.message(room, ALICE, "after " + membership);
  }

  private String visible(RoomId room, List<EventId> said) {
    Optional<RoomAccess.Access> access = world.accessOf(room, BOB);
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < said.size(); i++) {
      EventRow row = world.views.timeline().event(room, said.get(i)).orElseThrow();
      if (access.isPresent() && world.visibility.isVisible(row, access.get())) {
        seen.append((char) ('a' + i));
      }
    }
    return seen.toString();
  }

  /** What came of the past is judged by the state then, and not by when it came. */
  @ParameterizedTest
  @CsvSource({"shared, ab", "world_readable, ab", "joined, b", "invited, b"})
  void thePastIsJudgedByItsOwnState(String visibility, String seen) {
    RoomId room = world.room(ALICE, visibility);
    EventId join = world.member(room, BOB, BOB, "join");
    world.gap(room, join, -1, null);
    EventId whileJoined =
        world.past(room, ALICE, -1, join, new StateChange("m.room.member", BOB.value(), join));
    EventId before =
        world.past(
            room, ALICE, -2, whileJoined, new StateChange("m.room.member", BOB.value(), null));
    assertThat(visible(room, List.of(before, whileJoined))).isEqualTo(seen);
  }

  @Test
  void aStrangerSeesNothingOfASharedPast() {
    RoomId room = world.room(ALICE, "shared");
    EventId first = world.timeline(room).getFirst();
    world.gap(room, first, -1, null);
    EventId past = world.past(room, ALICE, -5, first);
    EventRow row = world.views.timeline().event(room, past).orElseThrow();
    RoomAccess.Access none = new RoomAccess.Access(room, BOB, Position.NONE, Position.NONE);
    assertThat(world.visibility.isVisible(row, none)).isFalse();
  }

  @Test
  void aTenantPeeksIntoRoomsOfThoseThatItHasToDoWith() {
    UserId carl = new UserId("@carl:two.example");
    RoomId room = world.room(ALICE, "world_readable");
    assertThat(world.accessOf(room, carl)).isPresent();
    world.policies.of(FederationPolicy.NONE, FederationPolicy.OPEN);
    assertThat(world.accessOf(room, carl)).isEmpty();
    assertThat(world.accessOf(room, BOB)).isPresent();
    world.policies.of(FederationPolicy.OPEN, FederationPolicy.OPEN.without("one.example"));
    assertThat(world.accessOf(room, carl)).isEmpty();
    // Who is in the room shares it with its own tenant.
    world.member(room, carl, carl, "join");
    assertThat(world.accessOf(room, new UserId("@dora:two.example"))).isPresent();
  }

  @Test
  void aVisibilityThatIsNotUnderstoodIsShared() {
    RoomId room = world.room(ALICE, "whatever");
    EventId said = world.message(room, ALICE, "first");
    world.member(room, BOB, BOB, "join");
    assertThat(visible(room, List.of(said))).isEqualTo("a");
  }

  @Test
  void aForgottenRoomIsReadNoMore() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    world.member(room, BOB, BOB, "leave");
    assertThat(world.accessOf(room, BOB)).isPresent();
    world.forget(room, BOB);
    assertThat(world.accessOf(room, BOB)).isEmpty();
    world.member(room, BOB, BOB, "join");
    assertThat(world.accessOf(room, BOB)).isPresent();
  }

  @Test
  void aForgottenRoomThatAllMayReadIsReadAsByAStranger() {
    RoomId room = world.room(ALICE, "world_readable");
    world.member(room, BOB, BOB, "join");
    world.member(room, BOB, BOB, "leave");
    world.forget(room, BOB);
    assertThat(world.accessOf(room, BOB).orElseThrow().wasJoined()).isFalse();
  }

  @Test
  void whoeverKnowsNoRoomReadsNothing() {
    assertThat(world.accessOf(new RoomId("!none"), BOB)).isEmpty();
  }
}
