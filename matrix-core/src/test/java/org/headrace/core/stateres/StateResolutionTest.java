package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forks that people make, and what their merge must be. The room is Alice's; Bob, Carol and Dave
 * are joined.
 */
class StateResolutionTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final UserId BOB = new UserId("@bob:b");
  private static final UserId CAROL = new UserId("@carol:c");
  private static final UserId DAVE = new UserId("@dave:d");
  private static final UserId EVE = new UserId("@eve:e");
  private static final StateKey TOPIC = new StateKey("m.room.topic", "");

  static Stream<RoomVersion> fromVersion2() {
    return RoomVersion.supportedStable().stream().skip(1);
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aBanBeatsWhatTheBannedUserDidMeanwhile(RoomVersion version) {
    RoomBuilder room = room(version);
    Pdu promotion = levels(room.draft(), room, ALICE, BOB);
    Pdu ban = room.at(promotion.id()).member(ALICE, BOB, "ban");
    Pdu meanwhile = levels(room.at(promotion.id()), room, BOB, BOB, CAROL);
    topic(room.at(meanwhile.id()), BOB, "mine");
    assertCurrent(room, StateKey.member(BOB.value()), ban);
    assertCurrent(room, StateKey.POWER_LEVELS, promotion);
    assertNoneCurrent(room, TOPIC);
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aJoinOnAnOldForkDoesNotEvadeNewJoinRules(RoomVersion version) {
    RoomBuilder room = room(version);
    EventId before = room.extremities().getFirst();
    Pdu closed =
        room.at(before)
            .state(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", "invite"));
    room.at(before).member(EVE, EVE, "join");
    assertCurrent(room, StateKey.JOIN_RULES, closed);
    assertNoneCurrent(room, StateKey.member(EVE.value()));
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aChainOfPromotionsIsReplayedWhole(RoomVersion version) {
    RoomBuilder room = room(version);
    Pdu first = levels(room.draft(), room, ALICE, BOB);
    Pdu second = levels(room.at(first.id()), room, BOB, BOB, CAROL);
    Pdu third = levels(room.at(second.id()), room, CAROL, BOB);
    room.at(first.id()).message(ALICE, "on another fork");
    assertCurrent(room, StateKey.POWER_LEVELS, third);
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aDemotionTakesBackWhatFollowsOnTheOtherFork(RoomVersion version) {
    RoomBuilder room = room(version);
    topic(room.draft(), ALICE, "first");
    Pdu promotion = levels(room.draft(), room, ALICE, BOB);
    Pdu kept = topic(room.draft(), ALICE, "second");
    Pdu demotion = levels(room.at(kept.id()), room, ALICE);
    Pdu fork = levels(room.at(promotion.id()), room, BOB, BOB);
    topic(room.at(fork.id()), BOB, "third");
    assertCurrent(room, StateKey.POWER_LEVELS, demotion);
    assertCurrent(room, TOPIC, kept);
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void aLeaveStaysAfterAMergeWithOldState(RoomVersion version) {
    RoomBuilder room = room(version);
    Pdu left = room.member(BOB, BOB, "leave");
    EventId old = left.id();
    room.join(BOB);
    Pdu again = room.member(BOB, BOB, "leave");
    var states = List.of(room.stateAfter(old), room.stateAfter(again.id()));
    assertThat(StateResolution.resolve(version, states, room))
        .containsEntry(StateKey.member(BOB.value()), again.id());
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void timestampsDecideWithinAnEpochOfPowerLevels(RoomVersion version) {
    RoomBuilder room = room(version);
    EventId before = room.extremities().getFirst();
    topic(room.at(before).time(2_000), ALICE, "older");
    Pdu newer = topic(room.at(before).time(3_000), ALICE, "newer");
    topic(room.at(before).time(1_000), ALICE, "oldest");
    assertCurrent(room, TOPIC, newer);
  }

  @Test
  void aLateEpochOfPowerLevelsBeatsALyingClock() {
    for (RoomVersion version : List.of(RoomVersion.V2, RoomVersion.V11)) {
      RoomBuilder room = room(version);
      EventId before = room.extremities().getFirst();
      Pdu lying = topic(room.at(before).time(4_000_000_000_000L), ALICE, "from the future");
      Pdu epoch = levels(room.at(before), room, ALICE, BOB);
      Pdu honest = topic(room.at(epoch.id()), ALICE, "after the new levels");
      assertCurrent(room, TOPIC, honest);
      assertThat(lying.originServerTs()).isGreaterThan(honest.originServerTs());
    }
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void equalTimesFallBackToEventIds(RoomVersion version) {
    RoomBuilder room = room(version);
    EventId before = room.extremities().getFirst();
    TreeSet<EventId> topics = new TreeSet<>();
    for (String text : List.of("a", "b", "c", "d")) {
      topics.add(topic(room.at(before).time(5_000), ALICE, text).id());
    }
    assertThat(room.currentState()).containsEntry(TOPIC, topics.last());
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void powerfulSendersGoFirstInThePowerOrdering(RoomVersion version) {
    RoomBuilder room = room(version);
    Pdu levels = levels(room.draft(), room, ALICE, BOB);
    Pdu byBob = room.at(levels.id()).time(1_000).member(BOB, DAVE, "leave");
    Pdu byAlice = room.at(levels.id()).time(2_000).member(ALICE, CAROL, "leave");
    TreeSet<EventId> set = new TreeSet<>(List.of(byBob.id(), byAlice.id(), levels.id()));
    assertThat(new PowerOrdering(version, room).sort(set))
        .containsExactly(levels.id(), byAlice.id(), byBob.id());
  }

  /** MSC4297, problem A: the unconflicted state forbids what set a conflicted entry. */
  @Test
  void outdatedJoinRulesAfterTheirSenderLeftDoNotResetTheRoom() {
    for (RoomVersion version : List.of(RoomVersion.V11, RoomVersion.V12)) {
      RoomBuilder room = room(version);
      EventId oldRules = room.currentState().get(StateKey.JOIN_RULES);
      Pdu newRules =
          room.state(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", "knock"));
      Pdu left = room.member(ALICE, ALICE, "leave");
      SortedMap<StateKey, EventId> right = room.stateAfter(left.id());
      SortedMap<StateKey, EventId> outdated = new TreeMap<>(right);
      outdated.put(StateKey.JOIN_RULES, oldRules);
      EventId resolved =
          StateResolution.resolve(version, List.of(right, outdated), room).get(StateKey.JOIN_RULES);
      // Version 2 loses both rules, which is what version 2.1 is about.
      assertThat(resolved).isEqualTo(version == RoomVersion.V12 ? newRules.id() : null);
    }
  }

  /** MSC4297, problem B: what lies between two conflicted events is in neither's difference. */
  @Test
  void outdatedPowerLevelsDoNotUndoAChainOfPromotions() {
    for (RoomVersion version : List.of(RoomVersion.V11, RoomVersion.V12)) {
      RoomBuilder room = room(version);
      EventId oldLevels = room.currentState().get(StateKey.POWER_LEVELS);
      levels(room.draft(), room, ALICE, BOB);
      Pdu newLevels = levels(room.draft(), room, BOB, BOB, CAROL);
      // In both states, with all power levels in its auth chain.
      room.join(EVE);
      SortedMap<StateKey, EventId> right = room.currentState();
      SortedMap<StateKey, EventId> outdated = new TreeMap<>(right);
      outdated.put(StateKey.POWER_LEVELS, oldLevels);
      EventId resolved =
          StateResolution.resolve(version, List.of(right, outdated), room)
              .get(StateKey.POWER_LEVELS);
      assertThat(resolved).isEqualTo(version == RoomVersion.V12 ? newLevels.id() : oldLevels);
    }
  }

  @ParameterizedTest
  @MethodSource("fromVersion2")
  void rejectedAuthEventsAuthoriseNothing(RoomVersion version) {
    RoomBuilder room = room(version);
    EventId before = room.extremities().getFirst();
    Pdu forged = room.at(before).member(EVE, EVE, "invite");
    assertThat(room.isRejected(forged.id())).isTrue();
    // A state that claims what only the rejected event would allow.
    room.at(before).state(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", "invite"));
    SortedMap<StateKey, EventId> claimed = room.stateAfter(before);
    EventId levels = claimed.get(StateKey.POWER_LEVELS);
    RoomBuilder.Draft draft = room.at(before).unchecked();
    draft =
        version.auth().createFromRoomId()
            ? draft.authEvents(levels, forged.id())
            : draft.authEvents(room.create().id(), levels, forged.id());
    Pdu join = draft.member(EVE, EVE, "join");
    claimed.put(StateKey.member(EVE.value()), join.id());
    assertThat(
            StateResolution.resolve(version, List.of(claimed, room.currentState()), room)
                .get(StateKey.member(EVE.value())))
        .isNull();
  }

  @Test
  void version1GoesByDepth() {
    RoomBuilder room = room(RoomVersion.V1);
    EventId before = room.extremities().getFirst();
    Pdu promotion = levels(room.at(before), room, ALICE, BOB);
    Pdu deeper = levels(room.at(promotion.id()), room, ALICE, BOB, CAROL);
    Pdu other = levels(room.at(before), room, ALICE, CAROL);
    Pdu byBob = topic(room.at(deeper.id()), BOB, "deep");
    topic(room.at(other.id()), CAROL, "less deep");
    assertThat(byBob.depth()).isGreaterThan(other.depth());
    assertCurrent(room, StateKey.POWER_LEVELS, deeper);
    assertCurrent(room, TOPIC, byBob);
    // An entry that only one fork has is no conflict in version 1.
    Pdu name = room.at(other.id()).state(ALICE, "m.room.name", "", Json.object().put("name", "n"));
    assertCurrent(room, new StateKey("m.room.name", ""), name);
  }

  @Test
  void longChainsAreWalkedWithoutRecursionAndNoFurtherThanNeeded() {
    for (RoomVersion version : List.of(RoomVersion.V11, RoomVersion.V12)) {
      RoomBuilder room = room(version);
      SortedMap<StateKey, EventId> old = room.currentState();
      for (int i = 0; i < 2_000; i++) {
        ObjectNode content = baseLevels(room).put("kick", 50 + i % 2);
        room.state(ALICE, "m.room.power_levels", "", content);
      }
      EventId tip = room.extremities().getFirst();
      Pdu one = topic(room.at(tip), ALICE, "one");
      Pdu two = topic(room.at(tip), ALICE, "two");
      int[] reads = new int[1];
      EventSource counting = counting(room, reads);
      var near = List.of(room.stateAfter(one.id()), room.stateAfter(two.id()));
      assertThat(StateResolution.resolve(version, near, counting)).containsEntry(TOPIC, two.id());
      assertThat(reads[0]).isLessThan(20);
      var far = List.of(room.stateAfter(one.id()), old);
      assertThat(StateResolution.resolve(version, far, room)).isEqualTo(room.stateAfter(one.id()));
    }
  }

  @Test
  void whatOnlyConflictsNeedIsEnough() {
    RoomBuilder room = room(RoomVersion.V12);
    EventId before = room.extremities().getFirst();
    Pdu one = topic(room.at(before), ALICE, "one");
    Pdu two = topic(room.at(before), ALICE, "two");
    UnconflictedState onlyGets =
        new UnconflictedState() {
          @Override
          public Optional<EventId> get(StateKey key) {
            return Optional.ofNullable(room.stateAfter(before).get(key));
          }

          @Override
          public Iterable<EventId> events() {
            throw new AssertionError("asked for the whole state");
          }
        };
    SortedMap<StateKey, EventId> left = new TreeMap<>();
    left.put(TOPIC, one.id());
    SortedMap<StateKey, EventId> right = new TreeMap<>();
    right.put(TOPIC, two.id());
    SortedMap<StateKey, EventId> expected = new TreeMap<>(right);
    assertThat(
            StateResolution.resolveConflicts(RoomVersion.V12, onlyGets, List.of(left, right), room))
        .isEqualTo(expected);
  }

  private static RoomBuilder room(RoomVersion version) {
    RoomBuilder room = RoomBuilder.publicRoom(version, ALICE);
    room.join(BOB);
    room.join(CAROL);
    room.join(DAVE);
    return room;
  }

  private static Pdu topic(RoomBuilder.Draft draft, UserId sender, String topic) {
    return draft.state(sender, "m.room.topic", "", Json.object().put("topic", topic));
  }

  /** Power levels with these users at 50, beside Alice. */
  private static Pdu levels(
      RoomBuilder.Draft draft, RoomBuilder room, UserId sender, UserId... moderators) {
    ObjectNode content = baseLevels(room);
    for (UserId moderator : moderators) {
      ((ObjectNode) content.path("users")).put(moderator.value(), 50);
    }
    return draft.state(sender, "m.room.power_levels", "", content);
  }

  private static ObjectNode baseLevels(RoomBuilder room) {
    ObjectNode content = Json.object();
    ObjectNode users = content.putObject("users");
    if (!room.version().auth().privilegedCreators()) {
      users.put(ALICE.value(), 100);
    }
    return content;
  }

  private static EventSource counting(RoomBuilder room, int[] reads) {
    return new EventSource() {
      @Override
      public Pdu event(EventId id) {
        reads[0]++;
        return room.event(id);
      }

      @Override
      public boolean isRejected(EventId id) {
        return room.isRejected(id);
      }

      @Override
      public long order(EventId id) {
        return room.order(id);
      }
    };
  }

  private static void assertCurrent(RoomBuilder room, StateKey key, Pdu expected) {
    assertThat(room.current(key).map(Pdu::json)).contains(expected.json());
  }

  private static void assertNoneCurrent(RoomBuilder room, StateKey key) {
    assertThat(room.current(key)).isEmpty();
  }
}
