package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.CAROL;
import static org.headrace.stateres.room.RoomFixture.TS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptLimits;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that were made elsewhere: in order and not, forked, refused, redacted. */
class ReceptionTest {
  private static final UserId ZOE = new UserId("@zoe:far.example");
  private static final UserId YAN = new UserId("@yan:other.example");

  private RoomFixture fixture = new RoomFixture("12");
  private ForeignRoom far = new ForeignRoom(RoomVersion.V12);
  private final List<Pdu> basis = new ArrayList<>();

  /** A room of Zoe's elsewhere, public, with Yan as a member; not yet received. */
  private void begin(String version) {
    fixture = new RoomFixture(version);
    far = new ForeignRoom(fixture.version);
    basis.clear();
    basis.add(far.create(ZOE, "far"));
    fixture.room = far.room();
    next(ZOE, "m.room.member", ZOE.value(), RoomFixture.membership("join"));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!fixture.version.auth().privilegedCreators()) {
      users.put(ZOE.value(), 100);
    }
    next(ZOE, "m.room.power_levels", "", levels);
    next(ZOE, "m.room.join_rules", "", Json.object().put("join_rule", "public"));
    next(YAN, "m.room.member", YAN.value(), RoomFixture.membership("join"));
  }

  private Pdu next(UserId sender, String type, String stateKey, ObjectNode content) {
    Pdu pdu = far.make(sender, type, stateKey, content, List.of(basis.getLast().id()), TS);
    basis.add(pdu);
    return pdu;
  }

  private Pdu message(UserId sender, String text, EventId... prevEvents) {
    return far.make(
        sender, "m.room.message", null, Json.object().put("body", text), List.of(prevEvents), TS);
  }

  private Outcome receive(Pdu pdu) {
    return receive(pdu.json(), true);
  }

  private Outcome receive(ObjectNode json, boolean signed) {
    return receive(json, signed, TS);
  }

  private Outcome receive(ObjectNode json, boolean signed, long ts) {
    return fixture.decide(
        new RoomCommand.ReceiveEvent(
            fixture.nextId(), ts, fixture.room, ZOE.server(), json, signed));
  }

  /** A message of Yan's that rests on an event that nobody has. */
  private Pdu orphan(String text) {
    ObjectNode json = message(YAN, text, basis.getLast().id()).json().deepCopy();
    json.remove("hashes");
    json.putArray("prev_events").add("$missing-" + text);
    return EventHashes.pdu(EventHashes.withContentHash(json, fixture.version), fixture.version);
  }

  private Outcome join(UserId user) {
    return fixture.joinThrough(far, user, List.of(basis.getLast().id()));
  }

  private void assertVerdict(Outcome outcome, String verdict) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(((Outcome.Done) outcome).result().path("verdict").asText()).isEqualTo(verdict);
  }

  private void receiveBasis() {
    for (Pdu pdu : basis) {
      assertVerdict(receive(pdu), "ACCEPTED");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "6", "10", "11", "12"})
  void aRoomFromElsewhereIsHeldAndJoined(String version) {
    begin(version);
    receiveBasis();
    assertThat(fixture.membershipOf(YAN)).isEqualTo("join");
    assertThat(fixture.crossing()).isEmpty();
    assertFailed(fixture.change(ALICE, ALICE, Action.JOIN), Failure.NOT_FOUND);
    EventId own = fixture.eventOf(join(ALICE));
    assertThat(fixture.crossing()).hasSize(1);
    assertThat(fixture.head().tips()).extracting(Head.Tip::event).containsExactly(own);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatComesTooEarlyWaitsForTheGapToBeFilled(String version) {
    begin(version);
    receive(basis.get(0));
    for (int i = basis.size() - 1; i > 1; i--) {
      assertVerdict(receive(basis.get(i)), "WAITING");
      assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.EventWaiting.class);
    }
    assertVerdict(receive(basis.get(2)), "WAITING");
    assertThat(fixture.head().waiting()).isEqualTo(3);
    assertThat(fixture.outputs.stream().filter(o -> o.topic() == Topic.ROOM_EFFECTS))
        .hasSize(3)
        .first()
        .extracting(
            o -> LogJson.decode(Objects.requireNonNull(o.value()), RoomEffect.class).roomId())
        .isEqualTo(fixture.room);
    assertVerdict(receive(basis.get(1)), "ACCEPTED");
    assertThat(fixture.head().waiting()).isZero();
    assertThat(fixture.records.stream().filter(EventDecided.class::isInstance))
        .extracting(record -> ((EventDecided) record).eventId())
        .containsExactlyElementsOf(basis.stream().map(Pdu::id).toList());
    assertThat(fixture.state.cells("w|", 10)).isEmpty();
    assertThat(fixture.state.cells("m|", 10)).isEmpty();
    assertThat(fixture.state.cells("o|", 10)).isEmpty();
    assertVerdict(receive(basis.get(3)), "ACCEPTED");
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void forksAreResolvedAndMerged(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    ObjectNode levels = (ObjectNode) basis.get(2).content().deepCopy();
    ((ObjectNode) levels.get("users")).put(YAN.value(), 50);
    Pdu promote = far.make(ZOE, "m.room.power_levels", "", levels, List.of(root), TS + 1);
    Pdu name =
        far.make(ZOE, "m.room.name", "", Json.object().put("name", "x"), List.of(root), TS + 2);
    assertVerdict(receive(promote), "ACCEPTED");
    assertVerdict(receive(name), "ACCEPTED");
    EventDecided second = (EventDecided) fixture.records.getLast();
    assertThat(second.before()).isNotNull();
    assertThat(second.extremities()).hasSize(2);
    assertThat(fixture.current("m.room.name", "").id()).isEqualTo(name.id());
    assertThat(fixture.current("m.room.power_levels", "").id()).isEqualTo(promote.id());
    Pdu merged =
        far.make(YAN, "m.room.topic", "", Json.object(), List.of(promote.id(), name.id()), TS + 3);
    assertVerdict(receive(merged), "ACCEPTED");
    assertThat(fixture.head().tips()).hasSize(1);
    join(ALICE);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatTheCurrentStateForbidsIsKeptButNotShown(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    Pdu ban =
        far.make(
            ZOE, "m.room.member", YAN.value(), RoomFixture.membership("ban"), List.of(root), TS);
    receive(ban);
    Pdu late = message(YAN, "late", root);
    assertVerdict(receive(late), "SOFT_FAILED");
    EventDecided record = (EventDecided) fixture.records.getLast();
    assertThat(record.rule()).isEqualTo("SENDER_MEMBERSHIP");
    assertThat(record.place()).isNull();
    assertThat(record.extremities()).containsExactly(ban.id());
    Pdu follows = message(ZOE, "after both", late.id(), ban.id());
    assertVerdict(receive(follows), "ACCEPTED");
    assertThat(fixture.head().tips()).extracting(Head.Tip::event).containsExactly(follows.id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatItsOwnStateForbidsIsRejectedAndWithItWhatRestsOnIt(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    Pdu grab =
        far.make(
            YAN,
            "m.room.power_levels",
            "",
            Json.object().put("users_default", 100),
            List.of(root),
            TS);
    assertVerdict(receive(grab), "REJECTED");
    Pdu name = far.make(YAN, "m.room.name", "", Json.object(), List.of(grab.id()), TS);
    assertVerdict(receive(name), "REJECTED");
    assertThat(((EventDecided) fixture.records.getLast()).rule()).isEqualTo("AUTH_EVENTS_REJECTED");
    assertThat(fixture.bodies()).noneMatch(body -> body.key().endsWith(name.id().value()));
    assertThat(fixture.current("m.room.power_levels", "").id()).isEqualTo(basis.get(2).id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aWrongContentHashLeavesTheRedactedForm(String version) {
    begin(version);
    receiveBasis();
    Pdu message = message(YAN, "true", basis.getLast().id());
    ObjectNode forged = message.json().deepCopy();
    forged.putObject("content").put("body", "false");
    assertVerdict(receive(forged, true), "ACCEPTED");
    EventDecided record = (EventDecided) fixture.records.getLast();
    assertThat(record.eventId()).isEqualTo(message.id());
    assertThat(record.hasBody()).isFalse();
    assertThat(record.skeleton().path("content")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12"})
  void aRedactionWaitsForItsTarget(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    Pdu target = message(YAN, "secret", root);
    Pdu redaction =
        far.make(
            ZOE,
            "m.room.redaction",
            null,
            Json.object().put("redacts", target.id().value()),
            List.of(root),
            TS);
    assertVerdict(receive(redaction), "ACCEPTED");
    assertThat(fixture.records.getLast()).isInstanceOf(EventDecided.class);
    assertVerdict(receive(target), "ACCEPTED");
    assertThat(fixture.records.getLast())
        .isEqualTo(
            new RoomRecord.EventRedacted(
                fixture.records.getLast().position(),
                fixture.room,
                fixture.records.getLast().commandId(),
                true,
                target.id(),
                redaction.id()));
    assertThat(fixture.bodies().getLast().value()).isNull();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRedactionByWhoMayNotChangesNothingAndIsShownToNobody(String version) {
    begin(version);
    receiveBasis();
    Pdu target = message(ZOE, "stays", basis.getLast().id());
    receive(target);
    Pdu redaction =
        far.make(
            YAN,
            "m.room.redaction",
            null,
            Json.object().put("redacts", target.id().value()),
            List.of(target.id()),
            TS);
    assertVerdict(receive(redaction), "SOFT_FAILED");
    assertThat(fixture.records.getLast()).isInstanceOf(EventDecided.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void dropsWhatIsNoEventOfTheRoom(String version) {
    begin(version);
    assertFailed(receive(basis.get(1)), Failure.NOT_FOUND);
    receiveBasis();
    Pdu message = message(YAN, "hi", basis.getLast().id());
    assertFailed(receive(message.json(), false), Failure.FORBIDDEN);
    ObjectNode unsigned = message.json().deepCopy();
    unsigned.remove("signatures");
    assertFailed(receive(unsigned, true), Failure.FORBIDDEN);
    ObjectNode malformed = message.json().deepCopy();
    malformed.put("depth", "deep");
    assertFailed(receive(malformed, true), Failure.BAD_JSON);
    ObjectNode elsewhere = message.json().deepCopy();
    elsewhere.put("room_id", "!other:far.example");
    assertFailed(receive(elsewhere, true), Failure.BAD_JSON);
    ForeignRoom second = new ForeignRoom(fixture.version);
    Pdu other = second.create(ZOE, "second");
    assertFailed(receive(other), Failure.BAD_JSON);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void onlySoManyEventsWait(String version) {
    begin(version);
    receiveBasis();
    join(ALICE);
    for (int i = 0; i <= Reception.WAITING_EVENTS_MAX; i++) {
      ObjectNode json = message(YAN, "m" + i, basis.getLast().id()).json().deepCopy();
      json.remove("hashes");
      json.putArray("prev_events").add("$missing" + i);
      Outcome outcome = receive(EventHashes.withContentHash(json, fixture.version), true);
      if (i < Reception.WAITING_EVENTS_MAX) {
        assertVerdict(outcome, "WAITING");
      } else {
        assertFailed(outcome, Failure.LIMIT_EXCEEDED);
      }
    }
    assertThat(fixture.change(CAROL, CAROL, Action.JOIN)).isInstanceOf(Outcome.Done.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatWaitsHasItsBodyBesideTheLogOnce(String version) {
    begin(version);
    receiveBasis();
    Pdu first = message(YAN, "first", basis.getLast().id());
    Pdu secret = message(YAN, "a secret", first.id());
    assertVerdict(receive(secret), "WAITING");
    RoomRecord waiting = fixture.records.getLast();
    assertThat(new String(LogJson.encode(waiting), StandardCharsets.UTF_8))
        .doesNotContain("a secret");
    assertThat(fixture.newestBody()).contains("a secret");
    int bodies = fixture.bodies().size();
    assertVerdict(receive(first), "ACCEPTED");
    EventDecided decided = (EventDecided) fixture.records.getLast();
    assertThat(decided.eventId()).isEqualTo(secret.id());
    assertThat(decided.hasBody()).isTrue();
    assertThat(decided.waitedSince()).isEqualTo(waiting.position());
    assertThat(fixture.bodies()).hasSize(bodies + 1);
    assertThat(fixture.newestBody()).contains("first");
    fixture.redact(ALICE, secret.id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRejectedEventThatWaitedLeavesNoBody(String version) {
    begin(version);
    receiveBasis();
    Pdu grab =
        far.make(
            YAN,
            "m.room.power_levels",
            "",
            Json.object().put("users_default", 100),
            List.of(basis.getLast().id()),
            TS);
    Pdu rests =
        far.make(YAN, "m.room.name", "", Json.object().put("name", "x"), List.of(grab.id()), TS);
    assertVerdict(receive(rests), "WAITING");
    assertVerdict(receive(grab), "REJECTED");
    assertThat(((EventDecided) fixture.records.getLast()).eventId()).isEqualTo(rests.id());
    assertThat(((EventDecided) fixture.records.getLast()).hasBody()).isFalse();
    assertThat(fixture.bodies().getLast().key()).endsWith(rests.id().value());
    assertThat(fixture.bodies().getLast().value()).isNull();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatWaitsForTooLongIsForgottenAndMayComeAgain(String version) {
    begin(version);
    receiveBasis();
    int waiting = Waiting.EXPIRED_PER_COMMAND_MAX + 5;
    List<Pdu> orphans = new ArrayList<>();
    for (int i = 0; i < waiting; i++) {
      orphans.add(orphan("m" + i));
      assertVerdict(receive(orphans.getLast().json(), true, TS + i), "WAITING");
    }
    long later = TS + Waiting.MILLIS_MAX + waiting;
    int bodies = fixture.bodies().size();
    assertVerdict(receive(orphan("late").json(), true, later), "WAITING");
    assertThat(fixture.head().waiting()).isEqualTo(5 + 1);
    assertThat(fixture.bodies().subList(bodies, bodies + Waiting.EXPIRED_PER_COMMAND_MAX))
        .allMatch(body -> body.value() == null);
    assertVerdict(receive(orphans.getFirst().json(), true, later), "WAITING");
    assertThat(fixture.head().waiting()).isEqualTo(2);
    assertThat(fixture.state.cells("w|", 10)).hasSize(2);
    assertThat(fixture.state.cells("o|", 10)).hasSize(2);
    assertThat(fixture.state.cells("m|", 10)).hasSize(2);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRoomHasOnlySoManyExtremities(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    join(ALICE);
    for (int i = 1; i < ReceiptLimits.EXTREMITIES_MAX; i++) {
      assertVerdict(receive(message(YAN, "fork " + i, root)), "ACCEPTED");
    }
    assertVerdict(receive(message(YAN, "one more", root)), "SOFT_FAILED");
    fixture.send(ALICE, "joins them", null);
    assertVerdict(receive(message(YAN, "and another", root)), "ACCEPTED");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void anEventTooFarFromTheRoomIsRejected(String version) {
    begin(version);
    receiveBasis();
    EventId root = basis.getLast().id();
    join(ALICE);
    for (int i = 0; i < Recorder.STATE_CHANGES_MAX; i++) {
      UserId user = new UserId("@u" + i + ":one.example");
      fixture.change(user, user, Action.JOIN);
    }
    assertVerdict(receive(message(ZOE, "from long ago", root)), "REJECTED");
    EventDecided record = (EventDecided) fixture.records.getLast();
    assertThat(record.rule()).isEqualTo("STATE_CHANGES_MAX");
    assertThat(record.before()).isNull();
  }

  private static void assertFailed(Outcome outcome, Failure failure) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(failure);
  }
}
