package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.FarRoom.YAN;
import static org.headrace.stateres.room.FarRoom.ZOE;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.BOB;
import static org.headrace.stateres.room.RoomFixture.CAROL;
import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.assertFailed;
import static org.headrace.stateres.room.RoomFixture.membership;
import static org.headrace.stateres.room.RoomFixture.result;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.JoinEvent;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.EventWaiting;
import org.headrace.schema.record.RoomRecord.GapChanged;
import org.headrace.schema.record.RoomRecord.JoiningState;
import org.headrace.schema.record.RoomRecord.OutlierDecided;
import org.headrace.schema.record.RoomRecord.StateMoved;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Joins through another server: begun, filled in chunks, committed in steps. */
class JoinTest {
  private RoomFixture fixture = new RoomFixture("12");
  private FarRoom room = new FarRoom("12");

  private void begin(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    fixture.room = room.far.room();
  }

  private Pdu joinOf(UserId user) {
    return room.far.make(
        user, "m.room.member", user.value(), membership("join"), List.of(room.last()), TS);
  }

  private Outcome beginJoin(Pdu join, String joinId, long ts) {
    return fixture.decide(
        new RoomCommand.BeginJoin(
            fixture.nextId(), ts, fixture.room, joinId, fixture.version.id(), join.json()));
  }

  private Outcome commit(Pdu join, String joinId) {
    return commit(join, joinId, TS);
  }

  private Outcome commit(Pdu join, String joinId, long ts) {
    return fixture.decide(
        new RoomCommand.CommitJoin(fixture.nextId(), ts, fixture.room, joinId, join.json()));
  }

  private Outcome bring(String joinId, List<JoinEvent> events) {
    return fixture.decide(
        new RoomCommand.JoinEvents(fixture.nextId(), TS, fixture.room, joinId, events));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "6", "10", "11", "12"})
  void theRoomIsHeldWithTheStateThatCame(String version) {
    begin(version);
    room.message(YAN, "before");
    Pdu join = joinOf(ALICE);
    Outcome outcome = fixture.joinThrough(join, room.far.joinAnswer(join), 2);
    assertThat(fixture.eventOf(outcome)).isEqualTo(join.id());
    var expected = new TreeMap<>(room.far.stateBefore(List.of(join.id())));
    assertThat(RoomProbe.state(fixture.state, fixture.room)).isEqualTo(expected);
    assertThat(fixture.head().tips()).extracting(Head.Tip::event).containsExactly(join.id());
    assertThat(fixture.head().joined()).isEqualTo(3);
    assertThat(fixture.records(OutlierDecided.class)).hasSize(room.line.size() - 1);
    EventDecided record = fixture.records(EventDecided.class).getLast();
    assertThat(record.before()).isNull();
    assertThat(record.sendAs()).isEmpty();
    GapChanged gap = fixture.records(GapChanged.class).getLast();
    assertThat(gap.frontier()).containsExactly(join.id());
    assertThat(gap.ceiling()).isEqualTo(record.position().packed() - 1);
    assertThat(gap.floor()).isEqualTo(Long.MIN_VALUE);
    assertThat(fixture.crossing())
        .singleElement()
        .isInstanceOfSatisfying(
            AccountCommand.NoteMembership.class,
            note -> assertThat(note.membership()).isEqualTo("join"));
    fixture.eventOf(fixture.send(ALICE, "hello", null));
    fixture.eventOf(fixture.change(CAROL, CAROL, Action.JOIN));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatComesMeanwhileWaitsForTheJoin(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    Pdu after = room.message(ZOE, "after the join", join.id());
    Pdu then = room.message(ZOE, "then", after.id());
    Pdu beside = room.message(YAN, "beside the join", room.last());
    for (Pdu pdu : List.of(then, beside, after)) {
      assertThat(result(fixture.receive(pdu), "verdict")).isEqualTo("WAITING");
    }
    assertThat(result(fixture.receive(join), "verdict")).isEqualTo("WAITING");
    assertThat(fixture.effects()).isEmpty();
    bring("j", room.far.joinAnswer(join));
    assertThat(commit(join, "j")).isEqualTo(Decision.done("event_id", join.id().value()));
    assertThat(fixture.records(EventDecided.class))
        .extracting(EventDecided::eventId)
        .containsExactly(join.id(), after.id(), then.id());
    // Its predecessor is known by its auth events alone.
    assertThat(fixture.effects())
        .singleElement()
        .isInstanceOfSatisfying(
            RoomEffect.FetchEvents.class,
            effect -> {
              assertThat(effect.eventId()).isEqualTo(beside.id());
              assertThat(effect.missing()).containsExactly(room.last());
              assertThat(effect.origin()).isEqualTo(YAN.server());
            });
    assertThat(fixture.head().waiting()).isEqualTo(1);
    // Its body came when it began to wait.
    List<EventWaiting> waits =
        fixture.records(EventWaiting.class).stream()
            .filter(record -> record.eventId().equals(beside.id()))
            .toList();
    assertThat(waits).extracting(EventWaiting::hasBody).containsExactly(true, true);
    assertThat(waits)
        .extracting(EventWaiting::waitedSince)
        .containsExactly(null, waits.getFirst().position());
    assertThat(fixture.records(EventDecided.class).getLast().waitedSince())
        .isEqualTo(fixture.records(EventWaiting.class).getFirst().position());
    // A repeat of the commit tells the same.
    assertThat(commit(join, "j")).isEqualTo(Decision.done("event_id", join.id().value()));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void oneJoinRunsAtATimeUntilItIsAbandoned(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    Pdu other = joinOf(CAROL);
    assertThat(beginJoin(join, "a", TS)).isEqualTo(Decision.done());
    assertThat(beginJoin(join, "a", TS)).isEqualTo(Decision.done());
    assertFailed(beginJoin(other, "b", TS + 1), Failure.IN_PROGRESS);
    assertFailed(bring("b", List.of()), Failure.BAD_STATE);
    bring("a", room.far.joinAnswer(join).subList(0, 2));
    Pdu waits = room.message(ZOE, "waits", join.id());
    fixture.receive(waits);
    assertThat(beginJoin(other, "b", TS + RoomLimits.JOIN_ABANDONED_MILLIS))
        .isEqualTo(Decision.done());
    assertThat(fixture.head().waiting()).isZero();
    assertFailed(commit(join, "a"), Failure.BAD_STATE);
    bring("b", room.far.joinAnswer(other));
    assertThat(fixture.eventOf(commit(other, "b"))).isEqualTo(other.id());
    assertFailed(beginJoin(join, "c", TS + RoomLimits.JOIN_ABANDONED_MILLIS), Failure.BAD_STATE);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whileTheRoomIsJoinedNobodyActsInIt(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    bring("j", room.far.joinAnswer(join));
    assertFailed(fixture.send(ALICE, "too early", null), Failure.FORBIDDEN);
    assertFailed(fixture.change(CAROL, CAROL, Action.JOIN), Failure.NOT_FOUND);
    assertFailed(fixture.change(ALICE, ALICE, Action.LEAVE), Failure.NOT_FOUND);
    assertFailed(fixture.change(ALICE, CAROL, Action.INVITE), Failure.FORBIDDEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aJoinThatTheStateForbidsIsDropped(String version) {
    begin(version);
    room.state(ZOE, "m.room.member", ALICE.value(), membership("ban"));
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    fixture.receive(room.message(ZOE, "waits", join.id()));
    bring("j", room.far.joinAnswer(join));
    assertFailed(commit(join, "j"), Failure.FORBIDDEN);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.JoinDropped.class);
    assertThat(fixture.head().waiting()).isZero();
    assertThat(fixture.head().tips()).isEmpty();
    assertFailed(fixture.change(ALICE, ALICE, Action.JOIN), Failure.NOT_FOUND);
    // Another attempt, of another user.
    assertThat(fixture.joinThrough(room.far, CAROL, List.of(room.last())))
        .isInstanceOf(Outcome.Done.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aJoinWithoutItsAuthEventsIsDropped(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    bring("j", room.far.joinAnswer(join).subList(0, 2));
    assertFailed(commit(join, "j"), Failure.REMOTE_REFUSED);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.JoinDropped.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatIsForgedOrLacksItsAuthEventsIsNotInTheState(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    List<JoinEvent> answer = new ArrayList<>(room.far.joinAnswer(join));
    // Yan may not name the room: his own auth events say so.
    Pdu forbidden =
        room.far.make(
            YAN, "m.room.name", "", Json.object().put("name", "Yan's"), List.of(room.last()), TS);
    answer.add(new JoinEvent(forbidden.json(), true, true));
    Pdu unsigned = room.far.make(ZOE, "m.room.topic", "", Json.object(), List.of(room.last()), TS);
    answer.add(new JoinEvent(unsigned.json(), false, true));
    ObjectNode orphan =
        room.far
            .make(ZOE, "m.room.avatar", "", Json.object(), List.of(room.last()), TS)
            .json()
            .deepCopy();
    ((ArrayNode) orphan.get("auth_events")).add("$unknown");
    answer.add(new JoinEvent(orphan, true, true));
    ForeignRoom elsewhere = new ForeignRoom(fixture.version);
    answer.add(new JoinEvent(elsewhere.create(YAN, "elsewhere").json(), true, true));
    answer.add(new JoinEvent(Json.object().put("type", 1), true, true));
    fixture.eventOf(fixture.joinThrough(join, answer, 500));
    assertThat(RoomProbe.state(fixture.state, fixture.room).keySet())
        .doesNotContain(
            new StateKey("m.room.name", ""),
            new StateKey("m.room.topic", ""),
            new StateKey("m.room.avatar", ""));
    assertThat(fixture.records(OutlierDecided.class))
        .filteredOn(outlier -> outlier.verdict() == Verdict.REJECTED)
        .extracting(OutlierDecided::eventId)
        .containsExactly(forbidden.id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRoomThatAllHaveLeftIsJoinedAnew(String version) {
    begin(version);
    fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(room.last())));
    for (RoomRecord record : fixture.records) {
      if (record instanceof EventDecided event) {
        room.far.learn(new Pdu(event.eventId(), fixture.room, event.skeleton()));
      }
    }
    EventId leave = fixture.eventOf(fixture.change(ALICE, ALICE, Action.LEAVE));
    assertFailed(fixture.change(ALICE, ALICE, Action.JOIN), Failure.NOT_FOUND);
    // The room goes on without us.
    Pdu topic = room.state(ZOE, "m.room.topic", "", Json.object().put("topic", "new"));
    room.state(YAN, "m.room.member", YAN.value(), membership("leave"));
    long shown = fixture.head().shown();
    EventId again = fixture.eventOf(fixture.joinThrough(room.far, CAROL, List.of(room.last())));
    assertThat(fixture.head().tips()).extracting(Head.Tip::event).containsExactly(again);
    assertThat(fixture.current("m.room.topic", "").id()).isEqualTo(topic.id());
    assertThat(fixture.membershipOf(YAN)).isEqualTo("leave");
    // What that server never heard of is no part of its state.
    assertThat(RoomProbe.state(fixture.state, fixture.room))
        .doesNotContainKey(StateKey.member(ALICE.value()));
    assertThat(fixture.known(leave).verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(fixture.head().joined()).isEqualTo(2);
    GapChanged gap = fixture.records(GapChanged.class).getLast();
    assertThat(gap.gapId()).isEqualTo(again);
    assertThat(gap.floor()).isEqualTo(shown);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRoomThatNobodyIsInIsStillOurs(String version) {
    fixture = RoomFixture.withRoom(version);
    ObjectNode invites = Json.object().put("join_rule", "invite");
    fixture.eventOf(fixture.setState(ALICE, "m.room.join_rules", "", invites));
    fixture.eventOf(fixture.change(ALICE, CAROL, Action.INVITE));
    fixture.eventOf(fixture.change(ALICE, ALICE, Action.LEAVE));
    assertThat(fixture.head().joined()).isZero();
    assertFailed(fixture.change(BOB, BOB, Action.JOIN), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(CAROL, CAROL, Action.JOIN));
    assertThat(fixture.membershipOf(CAROL)).isEqualTo("join");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatWaitedForAJoinThatIsGivenUpLeavesNoBody(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    Pdu after = room.message(ZOE, "after the join", join.id());
    fixture.receive(after);
    beginJoin(join, "again", TS + RoomLimits.JOIN_ABANDONED_MILLIS);
    assertThat(fixture.bodies().getLast().key()).endsWith(after.id().value());
    assertThat(fixture.bodies().getLast().value()).isNull();
    fixture.receive(after);
    assertThat(fixture.bodies().getLast().value()).isNotNull();
    assertFailed(commit(join, "again"), Failure.REMOTE_REFUSED);
    assertThat(fixture.bodies().getLast().value()).isNull();
    assertThat(fixture.state.cells("w|", 10)).isEmpty();
    assertThat(fixture.state.cells("o|", 10)).isEmpty();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatExpiresKeepsTheBodyThatItHasAsAnOutlier(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    Pdu name =
        room.far.make(
            ZOE, "m.room.name", "", Json.object().put("name", "x"), List.of(room.last()), TS);
    assertThat(result(fixture.receive(name), "verdict")).isEqualTo("WAITING");
    bring("j", room.far.joinAnswer(join));
    bring("j", List.of(new JoinEvent(name.json(), true, false)));
    assertThat(fixture.records(OutlierDecided.class).getLast().eventId()).isEqualTo(name.id());
    long later = TS + 2 * Waiting.MILLIS_MAX;
    fixture.decide(
        new RoomCommand.ReceiveEvent(
            fixture.nextId(),
            later,
            fixture.room,
            ZOE.server(),
            room.message(ZOE, "later", join.id()).json(),
            true));
    assertThat(fixture.records(RoomRecord.WaitingExpired.class))
        .singleElement()
        .isInstanceOfSatisfying(
            RoomRecord.WaitingExpired.class,
            expired -> assertThat(expired.eventId()).isEqualTo(name.id()));
    assertThat(fixture.bodies()).allMatch(body -> body.value() != null);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatFollowsAFailedJoinIsOfARoomThatIsNotHeld(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    beginJoin(join, "j", TS);
    List<JoinEvent> answer = new ArrayList<>(room.far.joinAnswer(join));
    // The join itself is no part of the state before it.
    answer.add(new JoinEvent(join.json(), true, true));
    bring("j", answer.subList(0, 2));
    commit(join, "j");
    assertFailed(fixture.receive(room.line.getFirst()), Failure.NOT_FOUND);
    assertFailed(fixture.receive(room.message(ZOE, "hi")), Failure.NOT_FOUND);
    assertThat(fixture.eventOf(fixture.joinThrough(join, answer, 500))).isEqualTo(join.id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void aLargeStateMovesInSteps(String version) {
    begin(version);
    int members = 3 * Joins.STATE_MOVED_MAX;
    Pdu join = joinOf(ALICE);
    List<JoinEvent> answer = new ArrayList<>(room.far.joinAnswer(join));
    for (int i = 0; i < members; i++) {
      answer.add(new JoinEvent(joinOf(new UserId("@u" + i + ":far.example")).json(), true, true));
    }
    Outcome outcome = fixture.joinThrough(join, answer, 100);
    assertThat(fixture.eventOf(outcome)).isEqualTo(join.id());
    List<StateMoved> moves = fixture.records(StateMoved.class);
    assertThat(moves).hasSize(4);
    assertThat(moves.subList(0, 3))
        .allSatisfy(move -> assertThat(move.current().changes()).hasSize(Joins.STATE_MOVED_MAX));
    assertThat(fixture.records(JoiningState.class)).hasSizeGreaterThan(10);
    assertThat(fixture.head().joined()).isEqualTo(members + 3);
    assertThat(RoomProbe.state(fixture.state, fixture.room))
        .hasSize(members + room.far.stateBefore(List.of(join.id())).size());
    fixture.assertReplays();
  }

  /** Begins a join and brings a state that is moved in three steps. */
  private void bringLarge(Pdu join, String joinId) {
    int members = 2 * Joins.STATE_MOVED_MAX;
    List<JoinEvent> answer = new ArrayList<>(room.far.joinAnswer(join));
    for (int i = 0; i < members; i++) {
      answer.add(new JoinEvent(joinOf(new UserId("@u" + i + ":far.example")).json(), true, true));
    }
    beginJoin(join, joinId, TS);
    for (int i = 0; i < answer.size(); i += 100) {
      bring(joinId, answer.subList(i, Math.min(i + 100, answer.size())));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void aJoinWhoseStateIsBeingMovedIsNotAbandoned(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    bringLarge(join, "a");
    long later = TS + RoomLimits.JOIN_ABANDONED_MILLIS - 1;
    assertThat(result(commit(join, "a", later), "more")).isEqualTo("true");
    Pdu other = joinOf(CAROL);
    assertFailed(beginJoin(other, "b", later + 1), Failure.IN_PROGRESS);
    assertThat(result(commit(join, "a", later + 2), "more")).isEqualTo("true");
    assertThat(fixture.eventOf(commit(join, "a", later + 3))).isEqualTo(join.id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void aJoinThatEndsWhileTheStateMovesIsBegunAnew(String version) {
    begin(version);
    Pdu join = joinOf(ALICE);
    bringLarge(join, "a");
    assertThat(result(commit(join, "a"), "more")).isEqualTo("true");
    assertFailed(fixture.send(ALICE, "too early", null), Failure.FORBIDDEN);
    // What brought it is gone; by now those who were on their way have left.
    Pdu again = joinOf(CAROL);
    assertThat(beginJoin(again, "b", TS + RoomLimits.JOIN_ABANDONED_MILLIS))
        .isEqualTo(Decision.done());
    bring("b", room.far.joinAnswer(again));
    assertThat(fixture.eventOf(commit(again, "b"))).isEqualTo(again.id());
    assertThat(RoomProbe.state(fixture.state, fixture.room))
        .isEqualTo(new TreeMap<>(room.far.stateBefore(List.of(again.id()))));
    assertFailed(commit(join, "a"), Failure.BAD_STATE);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRemoteUserJoinsARestrictedRoomThroughAUserOfOurs(String version) {
    fixture = RoomFixture.withRoom(version);
    ObjectNode rules = Json.object().put("join_rule", "restricted");
    rules.putArray("allow").addObject().put("type", "m.room_membership").put("room_id", "!space");
    EventId last = fixture.eventOf(fixture.setState(ALICE, "m.room.join_rules", "", rules));
    ForeignRoom far = new ForeignRoom(fixture.version);
    fixture
        .records(EventDecided.class)
        .forEach(event -> far.learn(new Pdu(event.eventId(), fixture.room, event.skeleton())));
    Pdu without =
        far.make(ZOE, "m.room.member", ZOE.value(), membership("join"), List.of(last), TS);
    assertThat(result(fixture.receive(without), "verdict")).isEqualTo("REJECTED");
    ObjectNode content = membership("join").put("join_authorised_via_users_server", ALICE.value());
    Pdu join = far.make(ZOE, "m.room.member", ZOE.value(), content, List.of(last), TS + 1);
    Outcome outcome = fixture.receive(join, ALICE.server(), null);
    assertThat(result(outcome, "verdict")).isEqualTo("ACCEPTED");
    EventDecided record = fixture.records(EventDecided.class).getLast();
    assertThat(record.sendAs()).contains(ALICE.server());
    assertThat(record.isMadeHere()).isFalse();
    // The relayed one never waits: who brings it had its predecessors from us.
    Pdu beyond = far.make(BOB, "m.room.member", BOB.value(), content, List.of(join.id()), TS);
    Pdu lost = far.make(BOB, "m.room.name", "", Json.object(), List.of(beyond.id()), TS);
    assertFailed(fixture.receive(lost, ALICE.server(), null), Failure.BAD_STATE);
    fixture.assertReplays();
  }
}
