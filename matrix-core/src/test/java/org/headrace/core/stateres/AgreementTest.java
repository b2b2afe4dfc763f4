package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.roomversion.StateResolutionVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cases where the specification's words can be read in two ways and all other implementations read
 * them in the same one; a room's servers must agree. Found by conformance/differential and
 * conformance/peer.
 */
class AgreementTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final UserId BOB = new UserId("@bob:b");
  private static final UserId CAROL = new UserId("@carol:c");
  private static final UserId DAVE = new UserId("@dave:d");

  static List<RoomVersion> fromVersion2() {
    return RoomVersion.supportedStable().subList(1, RoomVersion.supportedStable().size());
  }

  @Test
  void version1ResolvesMembersApartFromEachOther() {
    for (UserId moderator : List.of(new UserId("@a:m"), new UserId("@z:m"))) {
      RoomBuilder room = room(RoomVersion.V1, moderator, 50, BOB, 0);
      room.join(DAVE);
      EventId before = room.join(moderator).id();
      Pdu ban = room.at(before).member(moderator, DAVE, "ban");
      Pdu renamed = room.at(before).member(moderator, moderator, "join");
      SortedMap<StateKey, EventId> merged = room.stateBefore(List.of(ban.id(), renamed.id()));
      // Who bans is in conflict too, so is in no state that the ban is checked against.
      assertThat(room.event(merged.get(StateKey.member(DAVE.value()))))
          .isNotEqualTo(ban)
          .extracting(event -> event.content().path("membership").asText())
          .isEqualTo("join");
    }
  }

  @Test
  void version1KeepsTheOldestOfConflictingEventsThatAreAllForbidden() {
    RoomBuilder room = room(RoomVersion.V1, BOB, 50, CAROL, 0);
    EventId before = room.join(BOB).id();
    Pdu oldest = topic(room.at(before), BOB, "old");
    Pdu message = room.at(before).message(BOB, "in between");
    Pdu newest = topic(room.at(message.id()), BOB, "new");
    ObjectNode content = Json.object();
    content.putObject("users").put(ALICE.value(), 100);
    Pdu demotion = room.at(before).state(ALICE, "m.room.power_levels", "", content);
    assertThat(room.stateBefore(List.of(oldest.id(), newest.id(), demotion.id())))
        .containsEntry(StateKey.POWER_LEVELS, demotion.id())
        .containsEntry(new StateKey("m.room.topic", ""), oldest.id());
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void powerEventsAreOrderedByTheirOwnAuthEvents(RoomVersion version) {
    RoomBuilder room = room(version, BOB, 50, CAROL, 75);
    room.join(BOB);
    Pdu byBob = joinRule(room.draft(), BOB, "public");
    room.join(CAROL);
    // Puts Carol's join, which cites Bob's join rules, into the auth chains of all later states.
    EventId tip = topic(room.draft(), CAROL, "hers").id();
    Pdu byCarol = joinRule(room.at(tip), CAROL, "invite");
    Pdu message = room.at(tip).message(ALICE, "on another fork");
    SortedMap<StateKey, EventId> merged = room.stateBefore(List.of(byCarol.id(), message.id()));
    // Carol's is the later of the two, but not by its own auth events: Carol's level puts it first.
    // From version 12 on her join is in the full conflicted set, and so orders them.
    boolean subgraph = version.stateResolution() == StateResolutionVersion.V2_1;
    assertThat(merged).containsEntry(StateKey.JOIN_RULES, subgraph ? byCarol.id() : byBob.id());
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aStatesOwnEventsAreInItsFullAuthChain(RoomVersion version) {
    RoomBuilder room = room(version, BOB, 50, CAROL, 75);
    room.join(BOB);
    Pdu byBob = joinRule(room.draft(), BOB, "public");
    // In both states, and cited by Carol's join rules alone: no auth difference.
    EventId tip = room.join(CAROL).id();
    Pdu byCarol = joinRule(room.at(tip), CAROL, "invite");
    Pdu message = room.at(tip).message(ALICE, "on another fork");
    SortedMap<StateKey, EventId> merged = room.stateBefore(List.of(byCarol.id(), message.id()));
    // As above.
    boolean subgraph = version.stateResolution() == StateResolutionVersion.V2_1;
    assertThat(merged).containsEntry(StateKey.JOIN_RULES, subgraph ? byCarol.id() : byBob.id());
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void powerEventsTakeAlongWhatTheyReachWithinTheConflict(RoomVersion version) {
    RoomBuilder room = room(version, BOB, 50, CAROL, 75);
    room.join(DAVE);
    Pdu join = room.join(BOB);
    room.member(BOB, CAROL, "invite");
    room.join(CAROL);
    EventId tip = topic(room.draft(), CAROL, "hers").id();
    Pdu renamed = room.at(tip).time(1_000).member(BOB, BOB, "join");
    Pdu ban = room.at(renamed.id()).member(CAROL, DAVE, "ban");
    Pdu message = room.at(tip).message(ALICE, "on another fork");
    SortedMap<StateKey, EventId> merged = room.stateBefore(List.of(ban.id(), message.id()));
    assertThat(merged).containsEntry(StateKey.member(DAVE.value()), ban.id());
    // The ban reaches Bob's first join only through Carol's, which is not in conflict.
    boolean subgraph = version.stateResolution() == StateResolutionVersion.V2_1;
    assertThat(merged)
        .containsEntry(StateKey.member(BOB.value()), subgraph ? renamed.id() : join.id());
  }

  /** A public room of Alice's in which two others have power once they join. */
  private static RoomBuilder room(
      RoomVersion version, UserId one, int oneLevel, UserId two, int twoLevel) {
    RoomBuilder room = RoomBuilder.created(version, ALICE, Json.object());
    room.join(ALICE);
    ObjectNode content = Json.object();
    ObjectNode users = content.putObject("users");
    if (!version.auth().privilegedCreators()) {
      users.put(ALICE.value(), 100);
    }
    users.put(one.value(), oneLevel);
    users.put(two.value(), twoLevel);
    room.state(ALICE, "m.room.power_levels", "", content);
    joinRule(room.draft(), ALICE, "public");
    return room;
  }

  private static Pdu topic(RoomBuilder.Draft draft, UserId sender, String topic) {
    return draft.state(sender, "m.room.topic", "", Json.object().put("topic", topic));
  }

  private static Pdu joinRule(RoomBuilder.Draft draft, UserId sender, String rule) {
    return draft.state(sender, "m.room.join_rules", "", Json.object().put("join_rule", rule));
  }
}
