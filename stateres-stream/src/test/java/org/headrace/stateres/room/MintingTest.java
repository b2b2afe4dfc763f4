package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.FarRoom.ZOE;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.BOB;
import static org.headrace.stateres.room.RoomFixture.DEVICE;
import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.assertFailed;
import static org.headrace.stateres.room.RoomFixture.membership;
import static org.headrace.stateres.room.RoomFixture.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.Transaction;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.EventMinted;
import org.headrace.schema.record.RoomRecord.MintedDropped;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that wait for another server's signature: invites of its users, policy servers. */
class MintingTest {
  private static final ServerName FAR = ZOE.server();
  private static final SigningKey POLICY_KEY =
      SigningKey.fromSeed("ed25519:policy_server", new byte[32]);

  private RoomFixture fixture = RoomFixture.withRoom("12");
  private ForeignRoom far = new ForeignRoom(fixture.version);

  private void begin(String version) {
    fixture = RoomFixture.withRoom(version);
    far = new ForeignRoom(fixture.version);
  }

  private Outcome invite(String id) {
    return fixture.decide(
        new RoomCommand.ChangeMembership(
            id,
            TS,
            fixture.room,
            ALICE,
            ZOE,
            Action.INVITE,
            Json.object().put("reason", "come in"),
            null,
            true));
  }

  private Outcome append(String commandId, @Nullable ObjectNode signatures, @Nullable String why) {
    EventId event = fixture.records(EventMinted.class).getLast().eventId();
    return fixture.decide(
        new RoomCommand.AppendMinted(
            Pending.idOf(commandId), TS, fixture.room, event, signatures, why));
  }

  private static ObjectNode farSignature() {
    ObjectNode signatures = Json.object();
    signatures.putObject(FAR.value()).put("ed25519:1", "c2lnbmVk");
    return signatures;
  }

  private <T extends RoomEffect> T effect(Class<T> type) {
    return type.cast(fixture.effects().getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"6", "10", "12"})
  void anInviteWaitsForTheInvitedUsersServer(String version) {
    begin(version);
    EventId name =
        fixture.eventOf(
            fixture.setState(ALICE, "m.room.name", "", Json.object().put("name", "Room")));
    assertThat(result(invite("i"), "pending")).isEqualTo("i/pending");
    EventMinted minted = (EventMinted) fixture.records.getLast();
    RoomEffect.SignInvite effect = effect(RoomEffect.SignInvite.class);
    assertThat(effect.id()).isEqualTo("i/pending");
    assertThat(effect.server()).isEqualTo(FAR);
    assertThat(effect.policyServer()).isNull();
    assertThat(effect.event().path("content").path("membership").asText()).isEqualTo("invite");
    assertThat(effect.inviteRoomState())
        .contains(name, fixture.current("m.room.member", ALICE.value()).id());
    assertThat(fixture.head().minted()).isEqualTo(1);
    // It is no part of the room yet, and the room goes on.
    EventId between = fixture.eventOf(fixture.send(ALICE, "meanwhile", null));
    assertThat(result(invite("i"), "pending")).isEqualTo("i/pending");

    assertThat(fixture.eventOf(append("i", farSignature(), null))).isEqualTo(minted.eventId());
    EventDecided record = (EventDecided) fixture.records.getLast();
    assertThat(record.eventId()).isEqualTo(minted.eventId());
    assertThat(record.sendAs()).contains(ALICE.server());
    assertThat(record.isMadeHere()).isTrue();
    assertThat(record.hasBody()).isTrue();
    assertThat(record.waitedSince()).isEqualTo(minted.position());
    assertThat(record.skeleton().path("signatures").has(FAR.value())).isTrue();
    assertThat(record.extremities()).containsExactlyInAnyOrder(between, minted.eventId());
    assertThat(fixture.membershipOf(ZOE)).isEqualTo("invite");
    assertThat(fixture.head().minted()).isZero();
    assertThat(fixture.eventOf(append("i", farSignature(), null))).isEqualTo(minted.eventId());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatIsRefusedIsDroppedWithItsBody(String version) {
    begin(version);
    invite("i");
    EventMinted minted = (EventMinted) fixture.records.getLast();
    Outcome outcome = append("i", null, "no invites, please");
    assertFailed(outcome, Failure.REMOTE_REFUSED);
    assertThat(((Outcome.Failed) outcome).message()).isEqualTo("no invites, please");
    assertThat(((MintedDropped) fixture.records.getLast()).outcome()).isEqualTo(outcome);
    assertThat(minted.hasBody()).isTrue();
    assertThat(fixture.bodies().getLast().value()).isNull();
    assertFailed(append("i", farSignature(), null), Failure.NOT_FOUND);
    assertThat(fixture.state.cells("y|", 10)).isEmpty();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatIsNoLongerAllowedIsDropped(String version) {
    begin(version);
    fixture.change(BOB, BOB, Action.JOIN);
    fixture.decide(
        new RoomCommand.ChangeMembership(
            "i", TS, fixture.room, BOB, ZOE, Action.INVITE, Json.object(), null, true));
    fixture.change(ALICE, BOB, Action.KICK);
    assertFailed(append("i", farSignature(), null), Failure.FORBIDDEN);
    assertThat(fixture.head().minted()).isZero();
    fixture.assertReplays();
  }

  private void usePolicyServer() {
    fixture.usePolicyServer(far, POLICY_KEY);
  }

  private ObjectNode policySignature(ObjectNode event) {
    ObjectNode signed = EventSignatures.sign(event, fixture.version, FAR, POLICY_KEY);
    ObjectNode signatures = Json.object();
    signatures.set(FAR.value(), signed.path("signatures").path(FAR.value()));
    return signatures;
  }

  private Outcome send(String id, String txnId) {
    return send(id, txnId, "hello " + txnId);
  }

  private Outcome send(String id, String txnId, String body) {
    Draft draft = new Draft(ALICE, "m.room.message", null, Json.object().put("body", body));
    return fixture.decide(
        new RoomCommand.SendEvent(id, TS, fixture.room, draft, new Transaction(DEVICE, txnId)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void allButThePolicyItselfNeedsThePolicyServersSignature(String version) {
    begin(version);
    usePolicyServer();
    assertThat(result(send("s", "t"), "pending")).isEqualTo("s/pending");
    RoomEffect.SignByPolicy effect = effect(RoomEffect.SignByPolicy.class);
    assertThat(effect.server()).isEqualTo(FAR);
    // The client asks again: the same event still waits.
    assertThat(result(send("s2", "t"), "pending")).isEqualTo("s/pending");
    EventId event = fixture.eventOf(append("s", policySignature(effect.event()), null));
    assertThat(event).isEqualTo(effect.eventId());
    assertThat(fixture.eventOf(send("s3", "t"))).isEqualTo(event);
    EventDecided record = fixture.records(EventDecided.class).getLast();
    assertThat(Objects.requireNonNull(record.sentBy()).txnId()).isEqualTo("t");
    assertThat(record.hasBody()).isTrue();
    assertThat(fixture.bodies()).extracting(Output::value).doesNotContainNull();
    // Wiping the policy needs nobody's signature, and then nothing does.
    fixture.eventOf(fixture.setState(ALICE, "m.room.policy", "", Json.object()));
    fixture.eventOf(send("s4", "t4"));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aWrongPolicySignatureDropsTheEventAndTheClientMayTryAgain(String version) {
    begin(version);
    usePolicyServer();
    send("s", "t");
    ObjectNode wrong = Json.object();
    wrong.putObject(FAR.value()).put("ed25519:policy_server", UnpaddedBase64.encode(new byte[64]));
    assertFailed(append("s", wrong, null), Failure.REMOTE_REFUSED);
    assertThat(result(send("s2", "t"), "pending")).isEqualTo("s2/pending");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRemoteInviteNeedsBoth(String version) {
    begin(version);
    usePolicyServer();
    fixture.decide(
        new RoomCommand.ChangeMembership(
            "i", TS, fixture.room, ALICE, FarRoom.YAN, Action.INVITE, Json.object(), null, true));
    RoomEffect.SignInvite effect = effect(RoomEffect.SignInvite.class);
    assertThat(effect.policyServer()).isEqualTo(FAR);
    ObjectNode signatures = policySignature(effect.event());
    signatures.putObject(FarRoom.YAN.server().value()).put("ed25519:1", "c2lnbmVk");
    fixture.eventOf(append("i", signatures, null));
    assertThat(fixture.membershipOf(FarRoom.YAN)).isEqualTo("invite");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aReceivedEventWithoutItIsSoftFailed(String version) {
    begin(version);
    usePolicyServer();
    List<EventId> tips = fixture.head().tips().stream().map(Head.Tip::event).toList();
    Pdu without =
        far.make(ZOE, "m.room.message", null, Json.object().put("body", "spam"), tips, TS);
    assertThat(result(fixture.receive(without), "verdict")).isEqualTo("SOFT_FAILED");
    assertThat(fixture.records(EventDecided.class).getLast().rule())
        .isEqualTo("POLICY_SERVER_SIGNATURE");
    Pdu plain = far.make(ZOE, "m.room.message", null, Json.object().put("body", "ham"), tips, TS);
    ObjectNode signed = EventSignatures.sign(plain.json(), fixture.version, FAR, POLICY_KEY);
    Pdu with = new Pdu(plain.id(), plain.roomId(), signed);
    assertThat(result(fixture.receive(with), "verdict")).isEqualTo("ACCEPTED");
    // When its last user has left, the room has no policy server.
    Pdu leave =
        far.make(ZOE, "m.room.member", ZOE.value(), membership("leave"), List.of(with.id()), TS);
    ObjectNode signedLeave = EventSignatures.sign(leave.json(), fixture.version, FAR, POLICY_KEY);
    fixture.receive(new Pdu(leave.id(), leave.roomId(), signedLeave));
    assertThat(fixture.membershipOf(ZOE)).isEqualTo("leave");
    fixture.eventOf(send("s", "t"));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"6", "12"})
  void theSameSaidTwiceInOneMillisecondIsTwoEvents(String version) {
    begin(version);
    usePolicyServer();
    assertThat(result(send("s1", "t1", "ping"), "pending")).isEqualTo("s1/pending");
    assertThat(result(send("s2", "t2", "ping"), "pending")).isEqualTo("s2/pending");
    assertThat(fixture.records(EventMinted.class))
        .extracting(EventMinted::eventId)
        .doesNotHaveDuplicates();
    assertThat(fixture.head().minted()).isEqualTo(2);
    assertThat(result(send("s3", "t1", "ping"), "pending")).isEqualTo("s1/pending");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void onlySoManyWaitAndOldOnesGiveWay(String version) {
    begin(version);
    usePolicyServer();
    for (int i = 0; i < Minted.MINTED_MAX; i++) {
      send("s" + i, "t" + i);
    }
    assertFailed(send("more", "more"), Failure.LIMIT_EXCEEDED);
    Draft draft = new Draft(ALICE, "m.room.message", null, Json.object());
    Outcome later =
        fixture.decide(
            new RoomCommand.SendEvent(
                "later", TS + Minted.ABANDONED_MILLIS + 1, fixture.room, draft, null));
    assertThat(result(later, "pending")).isEqualTo("later/pending");
    assertThat(fixture.head().minted()).isEqualTo(1);
    assertThat(fixture.records(RoomRecord.MintedDropped.class)).hasSize(Minted.MINTED_MAX);
    fixture.assertReplays();
  }
}
