package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.BOB;
import static org.headrace.stateres.room.RoomFixture.CAROL;
import static org.headrace.stateres.room.RoomFixture.TS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.topology.machine.MapState;
import org.headrace.topology.machine.Output;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the room decides of clients' commands, in several room versions. */
class RoomMachineTest {
  @ParameterizedTest
  @ValueSource(strings = {"1", "3", "10", "11", "12"})
  void makesARoomWithItsInitialEvents(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    assertThat(fixture.records).hasSize(4);
    for (int i = 0; i < 4; i++) {
      RoomRecord.EventDecided event = (RoomRecord.EventDecided) fixture.records.get(i);
      assertThat(event.position()).isEqualTo(Position.of(0, 0, i));
      assertThat(event.last()).isEqualTo(i == 3);
      assertThat(event.extremities()).containsExactly(event.eventId());
      assertThat(event.place()).isEqualTo(event.position().packed());
    }
    assertThat(fixture.membershipOf(ALICE)).isEqualTo("join");
    assertThat(fixture.crossing())
        .hasSize(1)
        .first()
        .isInstanceOf(AccountCommand.NoteMembership.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12"})
  void aRefusedInitialEventLeavesNoRoom(String version) {
    RoomFixture fixture = new RoomFixture(version);
    Outcome outcome =
        fixture.createRoom(
            new RoomAlias("#a:one.example"),
            new RoomCommand.Draft(BOB, "m.room.topic", "", Json.object()));
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(Failure.FORBIDDEN);
    assertThat(((Outcome.Failed) outcome).message()).startsWith("m.room.topic: ");
    assertThat(fixture.records).hasSize(1);
    assertThat(fixture.state.contents()).hasSize(1);
    assertThat(fixture.crossing())
        .containsExactly(
            new AccountCommand.SettleAlias(
                "room:" + fixture.room + ":0:#a:one.example",
                TS,
                new RoomAlias("#a:one.example"),
                fixture.room,
                false));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRepeatedCreationAnswersWithTheRoom(String version) {
    RoomFixture fixture = new RoomFixture(version);
    RoomCommand.CreateRoom create = fixture.createCommand(new RoomAlias("#a:one.example"));
    Outcome first = fixture.decide(create);
    assertThat(fixture.decide(create)).isEqualTo(first);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    RoomCommand.CreateRoom other =
        new RoomCommand.CreateRoom(
            "other", TS, create.roomId(), version, ALICE, create.createEvent(), List.of(), null);
    assertThat(fixture.decide(other)).isInstanceOf(Outcome.Failed.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12"})
  void aCreateEventOfAnotherRoomIsRefused(String version) {
    RoomFixture fixture = new RoomFixture(version);
    RoomCommand.CreateRoom create = fixture.createCommand(null);
    ObjectNode changed = create.createEvent().deepCopy();
    ((ObjectNode) changed.get("content")).put("nonce", "other");
    Outcome outcome =
        fixture.decide(
            new RoomCommand.CreateRoom(
                "x", TS, create.roomId(), version, ALICE, changed, List.of(), null));
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(Failure.BAD_JSON);
    Outcome unsupported =
        fixture.decide(
            new RoomCommand.CreateRoom(
                "y", TS, create.roomId(), "99", ALICE, changed, List.of(), null));
    assertThat(((Outcome.Failed) unsupported).failure())
        .isEqualTo(Failure.UNSUPPORTED_ROOM_VERSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "10", "11", "12"})
  void sentEventsAreChained(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    EventId first = fixture.eventOf(fixture.send(ALICE, "one", "t1"));
    EventId second = fixture.eventOf(fixture.send(ALICE, "two", "t2"));
    RoomRecord.EventDecided record = (RoomRecord.EventDecided) fixture.records.getLast();
    assertThat(record.eventId()).isEqualTo(second);
    assertThat(record.before()).isNull();
    assertThat(record.current().changes()).isEmpty();
    assertThat(Objects.requireNonNull(record.sentBy()).txnId()).isEqualTo("t2");
    ObjectNode body = Json.parseObject(Objects.requireNonNull(fixture.bodies().getLast().value()));
    ObjectNode pdu = EventSkeleton.join(record.skeleton(), body);
    assertThat(pdu.path("content").path("body").asText()).isEqualTo("two");
    assertThat(EventHashes.contentHashMatches(pdu, fixture.version)).isTrue();
    assertThat(EventHashes.pdu(pdu, fixture.version).id()).isEqualTo(second);
    assertThat(EventHashes.pdu(pdu, fixture.version).prevEvents()).containsExactly(first);
    assertThat(pdu.path("depth").asInt()).isEqualTo(6);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aTransactionIsSentOnceAndAFailedOneCanBeTriedAgain(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    EventId first = fixture.eventOf(fixture.send(ALICE, "one", "t1"));
    assertThat(fixture.eventOf(fixture.send(ALICE, "one", "t1"))).isEqualTo(first);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    assertThat(fixture.send(BOB, "early", "t1")).isInstanceOf(Outcome.Failed.class);
    fixture.change(BOB, BOB, Action.JOIN);
    assertThat(fixture.eventOf(fixture.send(BOB, "now", "t1"))).isNotEqualTo(first);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aCommandWithoutTransactionIsDoneOnce(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    RoomCommand command =
        new RoomCommand.SendEvent(
            "same",
            TS,
            fixture.room,
            RoomFixture.state("m.room.topic", "", Json.object().put("topic", "x")),
            null);
    Outcome first = fixture.decide(command);
    assertThat(fixture.decide(command)).isEqualTo(first);
    assertThat(fixture.decide(command)).isEqualTo(first);
    assertThat(fixture.records.stream().filter(RoomRecord.EventDecided.class::isInstance))
        .hasSize(5);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void refusesWhatTheRulesForbid(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    assertFailed(fixture.send(BOB, "hi", null), Failure.FORBIDDEN);
    fixture.change(BOB, BOB, Action.JOIN);
    assertFailed(fixture.setState(BOB, "m.room.name", "", Json.object()), Failure.FORBIDDEN);
    assertFailed(
        fixture.setState(ALICE, "m.room.topic", "", Json.object().put("topic", "x".repeat(70_000))),
        Failure.TOO_LARGE);
    assertFailed(
        fixture.setState(ALICE, "m.x", "", Json.object().put("float", 1.5)), Failure.BAD_JSON);
    fixture.room = new RoomId("!other");
    assertFailed(fixture.send(ALICE, "hi", null), Failure.FORBIDDEN);
    assertFailed(fixture.change(ALICE, ALICE, Action.JOIN), Failure.NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void membershipsGoAsTheSpecificationSays(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    assertFailed(fixture.change(ALICE, BOB, Action.KICK), Failure.FORBIDDEN);
    assertFailed(fixture.change(ALICE, BOB, Action.UNBAN), Failure.BAD_STATE);
    assertFailed(fixture.change(BOB, BOB, Action.LEAVE), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(ALICE, BOB, Action.INVITE));
    EventId rejected = fixture.eventOf(fixture.change(BOB, BOB, Action.LEAVE));
    assertThat(fixture.membershipOf(BOB)).isEqualTo("leave");
    assertThat(fixture.eventOf(fixture.change(BOB, BOB, Action.LEAVE))).isEqualTo(rejected);
    EventId join = fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    assertThat(fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN))).isEqualTo(join);
    assertFailed(fixture.change(ALICE, BOB, Action.INVITE), Failure.FORBIDDEN);
    assertFailed(fixture.change(BOB, ALICE, Action.KICK), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(ALICE, BOB, Action.KICK));
    assertThat(fixture.membershipOf(BOB)).isEqualTo("leave");
    EventId ban = fixture.eventOf(fixture.change(ALICE, BOB, Action.BAN));
    assertThat(fixture.eventOf(fixture.change(ALICE, BOB, Action.BAN))).isNotEqualTo(ban);
    assertFailed(fixture.change(BOB, BOB, Action.JOIN), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(ALICE, BOB, Action.UNBAN));
    fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    assertThat(fixture.membershipOf(BOB)).isEqualTo("join");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "12"})
  void transactionsOfDifferentEndpointsAreNeverOne(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    EventId first = fixture.eventOf(fixture.sendTyped("a", "b|c"));
    assertThat(fixture.eventOf(fixture.sendTyped("a", "b|c"))).isEqualTo(first);
    assertThat(fixture.eventOf(fixture.sendTyped("a|b", "c"))).isNotEqualTo(first);
    assertThat(fixture.eventOf(fixture.sendTyped("a", "b%7Cc"))).isNotEqualTo(first);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whoIsJoinedMayChangeTheirMemberEvent(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    EventId join = fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    ObjectNode nick = Json.object().put("displayname", "Nick");
    assertThat(fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN, nick))).isEqualTo(join);
    nick.put("join_authorised_via_users_server", ALICE.value());
    EventId renamed = fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN_AS, nick));
    assertThat(renamed).isNotEqualTo(join);
    assertThat(fixture.current("m.room.member", BOB.value()).id()).isEqualTo(renamed);
    assertThat(fixture.bodies().getLast().key()).isEqualTo(fixture.room + "|" + renamed);
    assertThat(fixture.newestBody()).contains("Nick");
    assertThat(fixture.current("m.room.member", BOB.value()).content())
        .isEqualTo(Json.object().put("membership", "join"));
    // Taking the name away again is a change too.
    assertThat(fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN_AS))).isNotEqualTo(renamed);
    assertFailed(fixture.change(ALICE, BOB, Action.JOIN_AS, nick), Failure.FORBIDDEN);
    fixture.change(ALICE, BOB, Action.BAN);
    assertFailed(fixture.change(BOB, BOB, Action.JOIN_AS, nick), Failure.FORBIDDEN);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aBanOfWhoIsBannedIsAuthorisedAndMayChangeItsReason(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    fixture.change(CAROL, CAROL, Action.JOIN);
    EventId ban = fixture.eventOf(fixture.change(ALICE, BOB, Action.BAN));
    assertFailed(fixture.change(BOB, BOB, Action.BAN), Failure.FORBIDDEN);
    assertFailed(fixture.change(CAROL, BOB, Action.BAN), Failure.FORBIDDEN);
    ObjectNode reason = Json.object().put("reason", "spam");
    EventId again = fixture.eventOf(fixture.change(ALICE, BOB, Action.BAN, reason));
    assertThat(again).isNotEqualTo(ban);
    assertThat(fixture.current("m.room.member", BOB.value()).id()).isEqualTo(again);
    assertThat(fixture.newestBody()).contains("spam");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void tellsAccountsOfBothTenants(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    fixture.change(ALICE, BOB, Action.INVITE);
    fixture.change(BOB, BOB, Action.JOIN);
    fixture.decide(new RoomCommand.EchoProfile("e1", TS, fixture.room, BOB, "Bob", null));
    fixture.change(ALICE, BOB, Action.BAN);
    List<String> notes =
        fixture.crossing().stream()
            .map(AccountCommand.NoteMembership.class::cast)
            .map(note -> note.user().localpart() + " " + note.membership())
            .toList();
    assertThat(notes).containsExactly("alice join", "bob join", "bob ban");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void echoesReachOnlyWhoIsJoinedAndOnce(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    RoomCommand early = new RoomCommand.EchoDevices("d0", TS, fixture.room, BOB, List.of());
    fixture.decide(early);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    DeviceListChange change =
        new DeviceListChange(Position.ofOffset(7), new DeviceId("PHONE"), Position.ofOffset(5));
    RoomCommand devices =
        new RoomCommand.EchoDevices("d1", TS, fixture.room, ALICE, List.of(change));
    fixture.decide(devices);
    assertThat(fixture.records.getLast())
        .isInstanceOfSatisfying(
            RoomRecord.DevicesChanged.class,
            changed -> assertThat(changed.changes()).containsExactly(change));
    fixture.decide(devices);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    RoomCommand profile =
        new RoomCommand.EchoProfile("d1", TS, fixture.room, ALICE, "Alice", "mxc://x/y");
    fixture.decide(profile);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.EventDecided.class);
    fixture.decide(profile);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "10", "11", "12"})
  void redactsOwnEventsAndWithPowerThoseOfOthers(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    fixture.change(BOB, BOB, Action.JOIN);
    fixture.change(CAROL, CAROL, Action.JOIN);
    EventId ofBob = fixture.eventOf(fixture.send(BOB, "mine", null));
    EventId ofAlice = fixture.eventOf(fixture.send(ALICE, "hers", null));
    assertFailed(fixture.redact(BOB, ofAlice), Failure.FORBIDDEN);
    // Carol's server is Alice's, but clients redact their own events only.
    assertFailed(fixture.redact(CAROL, ofAlice), Failure.FORBIDDEN);
    // Of what has not come, the level alone can be judged.
    fixture.eventOf(fixture.redact(ALICE, new EventId("$none")));
    assertFailed(fixture.redact(BOB, new EventId("$none")), Failure.NOT_FOUND);
    fixture.eventOf(fixture.redact(BOB, ofBob));
    RoomRecord.EventRedacted redacted = (RoomRecord.EventRedacted) fixture.records.getLast();
    assertThat(redacted.target()).isEqualTo(ofBob);
    assertThat(fixture.bodies().getLast().key()).isEqualTo(fixture.room + "|" + ofBob);
    assertThat(fixture.bodies().getLast().value()).isNull();
    fixture.eventOf(fixture.redact(ALICE, ofBob));
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.EventDecided.class);
    fixture.eventOf(fixture.redact(ALICE, ofAlice));
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.EventRedacted.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "12"})
  void aRedactionSentAsAnEventIsCheckedToo(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    fixture.change(CAROL, CAROL, Action.JOIN);
    EventId ofAlice = fixture.eventOf(fixture.send(ALICE, "hers", null));
    RoomCommand.Draft draft =
        new RoomCommand.Draft(
            CAROL, "m.room.redaction", null, Json.object().put("redacts", ofAlice.value()));
    assertFailed(
        fixture.decide(new RoomCommand.SendEvent("s", TS, fixture.room, draft, null)),
        Failure.FORBIDDEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void restrictedJoinsNeedEvidenceAndAnAuthoriser(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    ObjectNode rules = Json.object().put("join_rule", "restricted");
    rules.putArray("allow").addObject().put("type", "m.room_membership").put("room_id", "!space");
    fixture.eventOf(fixture.setState(ALICE, "m.room.join_rules", "", rules));
    assertFailed(fixture.change(BOB, BOB, Action.JOIN), Failure.FORBIDDEN);
    fixture.eventOf(
        fixture.decide(
            new RoomCommand.ChangeMembership(
                "r",
                TS,
                fixture.room,
                BOB,
                BOB,
                Action.JOIN,
                Json.object(),
                List.of(new RoomId("!space")),
                false)));
    assertThat(
            fixture
                .current("m.room.member", BOB.value())
                .content()
                .path("join_authorised_via_users_server")
                .asText())
        .isEqualTo(ALICE.value());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "10", "12"})
  void whoKnocksIsHeardWhereTheRoomLetsThem(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    assertFailed(fixture.change(BOB, BOB, Action.KNOCK), Failure.FORBIDDEN);
    ObjectNode rules = Json.object().put("join_rule", "knock");
    fixture.eventOf(fixture.setState(ALICE, "m.room.join_rules", "", rules));
    assertFailed(fixture.change(ALICE, BOB, Action.KNOCK), Failure.FORBIDDEN);
    fixture.eventOf(fixture.change(BOB, BOB, Action.KNOCK, Json.object().put("reason", "please")));
    assertThat(fixture.membershipOf(BOB)).isEqualTo("knock");
    assertFailed(fixture.change(BOB, BOB, Action.JOIN), Failure.FORBIDDEN);
    // The knock is withdrawn, made again and answered.
    fixture.eventOf(fixture.change(BOB, BOB, Action.LEAVE));
    fixture.eventOf(fixture.change(BOB, BOB, Action.KNOCK));
    fixture.eventOf(fixture.change(ALICE, BOB, Action.INVITE));
    fixture.eventOf(fixture.change(BOB, BOB, Action.JOIN));
    assertThat(fixture.membershipOf(BOB)).isEqualTo("join");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void onlyWhoHasLeftForgets(String version) {
    RoomFixture fixture = RoomFixture.withRoom(version);
    fixture.change(BOB, BOB, Action.JOIN);
    assertFailed(
        fixture.decide(new RoomCommand.ForgetRoom("f1", TS, fixture.room, BOB)), Failure.BAD_STATE);
    fixture.change(BOB, BOB, Action.LEAVE);
    fixture.decide(new RoomCommand.ForgetRoom("f2", TS, fixture.room, BOB));
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.RoomForgotten.class);
    fixture.decide(new RoomCommand.ForgetRoom("f3", TS, fixture.room, CAROL));
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    fixture.assertReplays();
  }

  @Test
  void aRoomThatCannotBeDecidedFreesItsAlias() {
    RoomFixture fixture = new RoomFixture("12");
    RoomAlias alias = new RoomAlias("#lobby:one.example");
    RoomCommand.CreateRoom create = fixture.createCommand(alias);
    List<Output> outputs =
        new RoomMachine()
            .refuse(
                fixture.room.value(), create, Position.ofOffset(7), Failure.INTERNAL, "it threw");
    assertThat(outputs)
        .extracting(Output::topic)
        .containsExactly(Topic.ROOM_LOG, Topic.ACCOUNT_COMMANDS, Topic.ROOM_TICKS);
    var settle =
        (AccountCommand.SettleAlias)
            LogJson.decode(Objects.requireNonNull(outputs.get(1).value()), AccountCommand.class);
    assertThat(settle.alias()).isEqualTo(alias);
    assertThat(settle.created()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRoomOfWhichAPowerCutLeftTheBeginningIsNone(String version) {
    RoomFixture whole = new RoomFixture(version);
    RoomCommand.CreateRoom create =
        whole.createCommand(
            null, RoomFixture.state("m.room.name", "", Json.object().put("name", "half")));
    whole.decide(create);
    for (int kept = 1; kept < whole.records.size(); kept++) {
      RoomFixture cut = new RoomFixture(version);
      cut.room = whole.room;
      List<RoomRecord> logged = List.copyOf(whole.records.subList(0, kept));
      RoomMachine machine = new RoomMachine();
      logged.forEach(record -> machine.apply(cut.state, record));
      var pad = new RoomCommand.Pad("pad", TS, new RoomId("!pad"), kept, logged);
      List<Output> outputs = machine.decide(cut.state, pad, Position.ofOffset(0).withOrdinal(kept));
      var undone = (RoomRecord.RoomUndone) outputs.getFirst().record();
      assertThat(undone.roomId()).isEqualTo(whole.room);
      assertThat(undone.last()).isTrue();
      assertThat(outputs.getFirst().key()).isEqualTo(whole.room.value());
      assertThat(undone.current().changes()).hasSize(kept).allMatch(c -> c.eventId() == null);
      assertThat(outputs.stream().filter(o -> o.topic() == Topic.ACCOUNT_COMMANDS))
          .hasSize(kept > 1 ? 1 : 0);
      assertThat(new RoomStore().head(cut.state, whole.room)).isNull();
      cut.nextId(); // That of the lost command.
      assertFailed(cut.send(ALICE, "hello", null), Failure.FORBIDDEN);
    }
  }

  @Test
  void whatCannotBeReadIsARecordedFailureThatChangesNothing() {
    RoomMachine machine = new RoomMachine();
    MapState state = new MapState();
    for (String key : List.of("!room:one.example", "", "no room")) {
      List<Output> outputs =
          machine.refuse(key, null, Position.ofOffset(7), Failure.INTERNAL, "unreadable");
      RoomRecord record =
          LogJson.decode(Objects.requireNonNull(outputs.getFirst().value()), RoomRecord.class);
      assertThat(record.last()).isTrue();
      assertThat(record.position()).isEqualTo(Position.ofOffset(7));
      assertThat(outputs)
          .extracting(Output::topic)
          .containsExactly(Topic.ROOM_LOG, Topic.ROOM_TICKS);
      machine.apply(state, record);
    }
    assertThat(state.contents()).isEmpty();
  }

  @Test
  void paddingTakesAPositionAndNothingElse() {
    RoomFixture fixture = RoomFixture.withRoom("12");
    Head before = fixture.head();
    fixture.decide(new RoomCommand.Pad("pad", TS, new RoomId("!pad"), 0, List.of()));
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    assertThat(fixture.head()).isEqualTo(before);
    fixture.assertReplays();
  }

  private static void assertFailed(Outcome outcome, Failure failure) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(failure);
  }
}
