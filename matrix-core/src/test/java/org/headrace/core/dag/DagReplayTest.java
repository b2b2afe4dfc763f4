package org.headrace.core.dag;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.AuthRule;
import org.headrace.core.dag.Explanation.Cause;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptLimits;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.receipt.ReceiptRule.Against;
import org.headrace.core.receipt.SignatureCheck;
import org.headrace.core.receipt.SignatureVerifier;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a replay says of rooms, whole, in parts, and malformed. */
class DagReplayTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final UserId BOB = new UserId("@bob:b");
  private static final StateKey TOPIC = new StateKey("m.room.topic", "");

  @Test
  void aRefusedEventNamesItsRuleAndTheStateItWasAskedOf() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    room.join(BOB);
    Pdu topic = room.state(BOB, "m.room.topic", "", Json.object().put("topic", "mine"));
    DagReplay replay = replay(room);
    DagVerdict verdict = replay.verdict(topic.id());
    assertThat(verdict.isRejected()).isTrue();
    assertThat(verdict.rule())
        .contains(new ReceiptRule.Auth(Against.AUTH_EVENTS, AuthRule.REQUIRED_LEVEL));
    assertThat(replay.extremities()).doesNotContain(topic.id());
    assertThat(replay.wholeHistory()).isTrue();
  }

  @Test
  void aLateEventOfABannedUserSoftFails() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    Pdu join = room.join(BOB);
    Pdu ban = room.member(ALICE, BOB, "ban");
    Pdu late = room.at(join.id()).message(BOB, "I was not there");
    DagReplay replay = replay(room);
    assertThat(replay.verdict(late.id()).isSoftFailed()).isTrue();
    assertThat(replay.verdict(late.id()).rule())
        .contains(new ReceiptRule.Auth(Against.CURRENT_STATE, AuthRule.SENDER_MEMBERSHIP));
    assertThat(replay.extremities()).containsExactly(ban.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "6", "11", "12"})
  void acrossAGapTheStateGoesOnAndIsMarked(String version) {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.find(version).orElseThrow(), ALICE);
    room.join(BOB);
    room.message(ALICE, "one");
    Pdu lost = room.message(BOB, "two");
    Pdu after = room.message(ALICE, "three");
    Pdu last = room.message(BOB, "four");
    DagReplay replay = RoomDag.of(room.version(), without(room, lost)).replay();
    assertThat(replay.missingPrevEvents()).containsExactly(lost.id());
    assertThat(replay.missingAuthEvents()).isEmpty();
    assertThat(replay.verdict(after.id()).isAccepted()).isTrue();
    assertThat(replay.verdict(after.id()).wholeHistory()).isFalse();
    assertThat(replay.verdict(last.id()).wholeHistory()).isFalse();
    assertThat(replay.wholeHistory()).isFalse();
    assertThat(replay.extremities()).containsExactly(last.id());
    assertThat(replay.state()).isEqualTo(room.currentState());
  }

  @Test
  void whatIsLostInAGapIsLearntFromAuthEvents() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    room.join(BOB);
    Pdu levels =
        room.state(
            ALICE,
            "m.room.power_levels",
            "",
            Json.object().set("users", Json.object().put("@alice:a", 100).put("@bob:b", 50)));
    Pdu lost = room.message(ALICE, "lost");
    Pdu topic = room.state(BOB, "m.room.topic", "", Json.object().put("topic", "allowed"));
    // The levels are there, but nothing that is there follows them.
    List<Pdu> some = without(room, lost);
    DagReplay replay = RoomDag.of(room.version(), some).replay();
    assertThat(replay.verdict(topic.id()).isAccepted()).isTrue();
    assertThat(replay.state()).containsEntry(StateKey.POWER_LEVELS, levels.id());
    assertThat(replay.state()).containsEntry(TOPIC, topic.id());
  }

  @Test
  void anEventThatMissingAuthEventsCouldAllowIsUndecided() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    Pdu join = room.join(BOB);
    Pdu message = room.message(BOB, "who am I?");
    Pdu next = room.message(ALICE, "go on");
    DagReplay replay = RoomDag.of(room.version(), without(room, join)).replay();
    assertThat(replay.missingAuthEvents()).containsExactly(join.id());
    DagVerdict verdict = replay.verdict(message.id());
    assertThat(verdict.undecided()).isTrue();
    assertThat(verdict.isRejected()).isFalse();
    assertThat(verdict.rule().map(ReceiptRule::name)).contains("SENDER_MEMBERSHIP");
    assertThat(replay.verdict(next.id()).isAccepted()).isTrue();
    assertThat(replay.verdict(next.id()).wholeHistory()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "10", "12"})
  void withoutTheCreateEventNothingIsDecided(String version) {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.find(version).orElseThrow(), ALICE);
    room.message(ALICE, "where are we?");
    DagReplay replay = RoomDag.of(room.version(), without(room, room.create())).replay();
    assertThat(replay.missingAuthEvents()).containsExactly(room.create().id());
    assertThat(replay.order()).hasSize(4);
    for (EventId id : replay.order()) {
      assertThat(replay.verdict(id).undecided()).isTrue();
    }
    assertThat(replay.extremities()).isEmpty();
    assertThat(replay.currentRoot()).isEqualTo(StateTree.EMPTY);
  }

  @Test
  void whatNamesItselfOrGoesInACircleIsDropped() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V1, ALICE);
    RoomDag dag = RoomDag.of(room.version(), room.events());
    String tip = room.extremities().getFirst().value();
    assertThat(add(dag, room, "$self:a", "$self:a"))
        .isInstanceOfSatisfying(
            RoomDag.Added.Refused.class,
            refused ->
                assertThat(refused.dropped().rule()).isEqualTo(ReceiptRule.Form.NAMES_ITSELF));
    add(dag, room, "$one:a", "$two:a");
    add(dag, room, "$two:a", "$three:a");
    add(dag, room, "$three:a", "$one:a");
    add(dag, room, "$behind:a", "$one:a");
    add(dag, room, "$beside:a", tip);
    DagReplay replay = dag.replay();
    assertThat(replay.dropped())
        .containsOnlyKeys(new EventId("$one:a"), new EventId("$two:a"), new EventId("$three:a"));
    assertThat(replay.missingPrevEvents()).containsExactly(new EventId("$one:a"));
    assertThat(replay.verdict(new EventId("$behind:a")).wholeHistory()).isFalse();
    assertThat(replay.verdict(new EventId("$beside:a")).wholeHistory()).isTrue();
  }

  @Test
  void anEventOfTwoMindsIsTheSameInAnyOrder() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V2, ALICE);
    String tip = room.extremities().getFirst().value();
    ObjectNode one = event(room, "$twice:a", tip, 1);
    ObjectNode two = event(room, "$twice:a", tip, 2);
    RoomDag forwards = RoomDag.of(room.version(), room.events());
    forwards.add(one, SignatureVerifier.NO_KEYS);
    assertThat(forwards.add(one, SignatureVerifier.NO_KEYS))
        .isEqualTo(new RoomDag.Added.Repeated(new EventId("$twice:a"), false));
    assertThat(forwards.add(two, SignatureVerifier.NO_KEYS))
        .isEqualTo(new RoomDag.Added.Repeated(new EventId("$twice:a"), true));
    RoomDag backwards = RoomDag.of(room.version(), room.events());
    backwards.add(two, SignatureVerifier.NO_KEYS);
    backwards.add(one, SignatureVerifier.NO_KEYS);
    EventId id = new EventId("$twice:a");
    assertThat(forwards.replay().event(id)).isEqualTo(backwards.replay().event(id));
  }

  @Test
  void aRoomHasOneBeginning() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V6, ALICE);
    ObjectNode second = Json.object();
    second.setAll(room.create().json());
    second.put("origin_server_ts", second.path("origin_server_ts").asLong() + 1);
    Pdu pdu = EventHashes.pdu(EventHashes.withContentHash(second, room.version()), room.version());
    RoomDag dag = RoomDag.of(room.version(), room.events());
    dag.add(pdu);
    DagReplay replay = dag.replay();
    assertThat(replay.dropped().get(pdu.id()).rule()).isEqualTo(ReceiptRule.Form.SECOND_CREATE);
    assertThat(replay.state()).isEqualTo(room.currentState());
  }

  @Test
  void anIdThatIsGivenIsKeptAndSaid() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    RoomDag dag = RoomDag.of(room.version(), room.events());
    Pdu message = room.message(ALICE, "named");
    ObjectNode json = message.json().deepCopy();
    assertThat(dag.add(json.put("event_id", "$other"), SignatureVerifier.NO_KEYS))
        .isEqualTo(
            new RoomDag.Added.Taken(new EventId("$other"), false, Optional.of(message.id())));
    assertThat(dag.add(json.put("event_id", message.id().value()), SignatureVerifier.NO_KEYS))
        .isEqualTo(new RoomDag.Added.Taken(message.id(), false, Optional.empty()));
  }

  @Test
  void aWrongContentHashRedacts() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    RoomDag dag = RoomDag.of(room.version(), room.events());
    ObjectNode json =
        room.state(ALICE, "m.room.topic", "", Json.object().put("topic", "a")).json().deepCopy();
    json.putObject("content").put("topic", "b");
    assertThat(dag.add(json, SignatureVerifier.NO_KEYS))
        .isInstanceOfSatisfying(
            RoomDag.Added.Taken.class, taken -> assertThat(taken.redacted()).isTrue());
  }

  @Test
  void aRestrictedJoinNeedsTheSignatureThatAuthorisesIt() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    room.state(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", "restricted"));
    ObjectNode content = Json.object().put("membership", "join");
    content.put("join_authorised_via_users_server", ALICE.value());
    Pdu join = room.state(BOB, "m.room.member", BOB.value(), content);
    for (SignatureCheck authoriser : SignatureCheck.values()) {
      RoomDag dag = new RoomDag(room.version(), room.roomId());
      for (Pdu event : room.events()) {
        dag.add(
            event.json(),
            new SignatureVerifier() {
              @Override
              public SignatureCheck check(ObjectNode pdu, RoomVersion version) {
                return SignatureCheck.VALID;
              }

              @Override
              public SignatureCheck checkAuthoriser(ObjectNode pdu, RoomVersion version) {
                return event.id().equals(join.id()) ? authoriser : SignatureCheck.VALID;
              }
            });
      }
      DagVerdict verdict = dag.replay().verdict(join.id());
      assertThat(verdict.isAccepted()).isEqualTo(authoriser != SignatureCheck.INVALID);
      assertThat(verdict.rule().map(ReceiptRule::name))
          .isEqualTo(
              verdict.isAccepted()
                  ? Optional.empty()
                  : Optional.of("MEMBER_AUTHORISING_SIGNATURE"));
    }
  }

  @Test
  void aDeepChainAndThousandsOfForksAreReplayed() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    Pdu last = room.message(ALICE, "0");
    for (int i = 1; i < 3000; i++) {
      last = room.at(last.id()).message(ALICE, "deeper " + i);
    }
    for (int i = 0; i < 2000; i++) {
      ObjectNode topic = Json.object().put("topic", "fork " + i);
      room.at(last.id()).state(ALICE, "m.room.topic", "", topic);
    }
    DagReplay replay = replay(room);
    assertThat(replay.order()).hasSize(4 + 3000 + 2000);
    assertThat(replay.extremities()).hasSize(ReceiptLimits.EXTREMITIES_MAX);
    assertThat(replay.order().stream().map(replay::verdict))
        .filteredOn(DagVerdict::isSoftFailed)
        .hasSize(2000 - ReceiptLimits.EXTREMITIES_MAX)
        .allSatisfy(
            verdict -> assertThat(verdict.rule()).contains(ReceiptRule.Limit.EXTREMITIES_MAX));
    assertThat(replay.explain(TOPIC).cause()).isInstanceOf(Cause.Resolved.class);
  }

  @Test
  void explainsWhyATopicWasReset() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V10, ALICE);
    Pdu join = room.join(BOB);
    Pdu levels = levels(room, 50);
    Pdu first = room.state(ALICE, "m.room.topic", "", Json.object().put("topic", "first"));
    Pdu second =
        room.at(first.id()).state(BOB, "m.room.topic", "", Json.object().put("topic", "2"));
    Pdu demoted = room.at(first.id()).state(ALICE, "m.room.power_levels", "", users(0));
    Pdu merge = room.at(second.id(), demoted.id()).message(ALICE, "what was the topic?");
    DagReplay replay = replay(room);

    Explanation explanation = replay.explain(TOPIC);
    assertThat(explanation.winner()).contains(first.id());
    assertThat(explanation.candidates()).containsExactly(first.id(), second.id());
    Cause.Resolved resolved = (Cause.Resolved) explanation.cause();
    assertThat(resolved.at()).contains(merge.id());
    assertThat(resolved.forks())
        .containsExactlyInAnyOrder(
            new Explanation.Fork(second.id(), Optional.of(second.id())),
            new Explanation.Fork(demoted.id(), Optional.of(first.id())));
    RecordedResolution resolution = resolved.resolution();
    assertThat(resolution.conflicts().keySet()).containsExactly(StateKey.POWER_LEVELS, TOPIC);
    assertThat(resolution.fullConflictedSet())
        .contains(levels.id(), demoted.id(), first.id(), second.id());
    assertThat(resolution.powerOrder()).containsExactly(levels.id(), demoted.id());
    assertThat(resolution.mainline()).contains(demoted.id());
    // Only the second topic cites the join, but both states hold it.
    assertThat(resolution.fullConflictedSet()).doesNotContain(join.id());
    assertThat(resolution.mainlineOrder()).containsExactly(first.id(), second.id());
    assertThat(resolution.checks())
        .filteredOn(check -> !check.result().isAllowed())
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.event()).isEqualTo(second.id());
              assertThat(check.result().toString()).contains("REQUIRED_LEVEL");
            });

    assertThat(replay.explainBefore(merge.id(), TOPIC).cause()).isInstanceOf(Cause.Resolved.class);
    assertThat(replay.explainBefore(demoted.id(), TOPIC).cause()).isEqualTo(new Cause.Set());
    assertThat(replay.explain(new StateKey("m.room.name", "")).cause())
        .isEqualTo(new Cause.NeverSet());
  }

  private static Pdu levels(RoomBuilder room, int bob) {
    return room.state(ALICE, "m.room.power_levels", "", users(bob));
  }

  private static ObjectNode users(int bob) {
    ObjectNode levels = Json.object();
    levels.putObject("users").put(ALICE.value(), 100).put(BOB.value(), bob);
    return levels;
  }

  private static RoomDag.Added add(RoomDag dag, RoomBuilder room, String id, String prev) {
    return dag.add(event(room, id, prev, 1), SignatureVerifier.NO_KEYS);
  }

  /** A message of a room of version 1 or 2 with any id and prev event. */
  private static ObjectNode event(RoomBuilder room, String id, String prev, int number) {
    ObjectNode json = Json.object().put("type", "m.room.message").put("event_id", id);
    json.put("room_id", room.roomId().value()).put("sender", ALICE.value());
    json.put("depth", 10).put("origin_server_ts", 1_800_000_000_000L + number);
    json.putObject("content").put("body", "m" + number);
    json.putArray("prev_events").addArray().add(prev).addObject();
    List<EventId> auth = new ArrayList<>();
    for (StateKey key :
        List.of(StateKey.CREATE, StateKey.POWER_LEVELS, StateKey.member(ALICE.value()))) {
      room.current(key).ifPresent(event -> auth.add(event.id()));
    }
    var references = json.putArray("auth_events");
    auth.forEach(event -> references.addArray().add(event.value()).addObject());
    return EventHashes.withContentHash(json, room.version());
  }

  private static List<Pdu> without(RoomBuilder room, Pdu lost) {
    List<Pdu> events = new ArrayList<>(room.events());
    events.removeIf(event -> event.id().equals(lost.id()));
    return events;
  }

  private static DagReplay replay(RoomBuilder room) {
    return RoomDag.of(room.version(), room.events()).replay();
  }
}
