package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.ingest.remote.RunningJoins;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other servers send: which commands it becomes, and what is refused. */
@QuarkusTest
class FederationInboundTest {
  private static final Neighbour REMOTE = Neighbour.of("remote.test", 7);
  private static final Neighbour STRANGER = Neighbour.of("stranger.test", 8);
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final UserId BOB = new UserId("@bob:remote.test");
  private static final UserId CAROL = new UserId("@carol:remote.test");
  private static final String V1 = "/_matrix/federation/v1";
  private static final String V2 = "/_matrix/federation/v2";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Sent in a row, they are more than the limits of these tests let through. */
  private static final int REQUESTS_MAX = 5_000;

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;
  @Inject RunningJoins joins;

  private RoomBuilder room;

  private record Reply(int status, JsonNode json) {
    void fails(int expected, String errcode) {
      assertThat(status).as(json.toString()).isEqualTo(expected);
      assertThat(json.path("errcode").asText()).isEqualTo(errcode);
      assertThat(json.path("error").asText()).isNotBlank();
    }

    JsonNode ok() {
      assertThat(status).as(json.toString()).isEqualTo(200);
      return json;
    }
  }

  @BeforeEach
  void prepare() {
    server.viewAway("");
    log.reset();
    server.speakWith(FederationPolicy.OPEN);
    server.policyServer(null);
    server.know(REMOTE);
    server.know(STRANGER);
    FakeAccounts accounts = server.accounts();
    accounts.accounts.put(
        ALICE, new AccountsView.Account(ALICE, "hash", Position.ofOffset(7), false, 0));
    server.rooms().clear();
    room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    room.join(BOB);
    server.rooms().load(room);
  }

  // Who may ask

  @Test
  void requestsMustBeSignedForATenant() throws Exception {
    reply(REMOTE.send("PUT", base, V1 + "/send/t", STRANGER.name(), transaction()))
        .fails(401, "M_UNAUTHORIZED");
    Neighbour liar = new Neighbour(REMOTE.name(), STRANGER.key());
    reply(liar.send("PUT", base, V1 + "/send/t", FakeServer.ONE, transaction()))
        .fails(401, "M_UNAUTHORIZED");
    server.speakWith(FederationPolicy.OPEN.without("*.test"));
    put(V1 + "/send/t", transaction()).fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void aServerThatAsksTooMuchIsToldToComeAgainAndOthersAreServed() throws Exception {
    Neighbour greedy = Neighbour.of("greedy.test", 10);
    server.know(greedy);
    HttpResponse<byte[]> last = null;
    for (int i = 0; i < REQUESTS_MAX && (last == null || last.statusCode() != 429); i++) {
      last = greedy.send("PUT", base, V1 + "/send/greedy", FakeServer.ONE, transaction());
    }
    reply(last).fails(429, "M_LIMIT_EXCEEDED");
    assertThat(last.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
    put(V1 + "/send/modest", transaction()).ok();
  }

  @Test
  void whoForgesRequestsLocksOutNobodyButThemselves() throws Exception {
    String key = REMOTE.key().keyId();
    String forged =
        "X-Matrix origin=remote.test,destination=one.test,key=\"" + key + "\",sig=\"AAAA\"";
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(V1 + "/send/forged"))
            .header("Authorization", forged)
            .header("X-Forwarded-For", "203.0.113.9")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(transaction())))
            .build();
    int status = 0;
    for (int i = 0; i < REQUESTS_MAX && status != 429; i++) {
      HttpResponse<byte[]> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
      status = answer.statusCode();
      assertThat(status).isIn(401, 429);
    }
    assertThat(status).isEqualTo(429);
    put(V1 + "/send/authentic", transaction()).ok();
  }

  // Transactions

  @Test
  void aPduBecomesACommandOfItsRoom() throws Exception {
    Pdu message = message("hello");
    JsonNode results = send("t1", List.of(message), List.of()).ok().path("pdus");
    assertThat(results.path(message.id().value())).isEqualTo(Json.object());
    RoomCommand.ReceiveEvent command = (RoomCommand.ReceiveEvent) log.rooms().getFirst();
    assertThat(command.origin()).isEqualTo(REMOTE.name());
    assertThat(command.pdu()).isEqualTo(message.json());
    assertThat(command.signaturesValid()).isTrue();
    assertThat(command.relayAs()).isNull();
    // The answer is remembered, so a repeat costs nothing; another body is no repeat.
    send("t1", List.of(message), List.of()).ok();
    assertThat(log.rooms()).hasSize(1);
    send("t1", List.of(message("again")), List.of()).ok();
    assertThat(log.rooms()).hasSize(2);
  }

  @Test
  void eachPduHasItsOwnResultAndTheOrderIsKept() throws Exception {
    Pdu good = message("1");
    Pdu forged =
        new Pdu(
            message("2").id(),
            room.roomId(),
            ((ObjectNode) message("2").json().deepCopy()).set("signatures", Json.object()));
    Pdu elsewhere = REMOTE.sign(event("m.x", "3").put("room_id", "!elsewhere"), room.version());
    Pdu last = message("4");
    JsonNode results = send("t2", List.of(good, forged, elsewhere, last), List.of()).ok();
    assertThat(results.path("pdus").path(good.id().value()).has("error")).isFalse();
    assertThat(results.path("pdus").path(forged.id().value()).path("error").asText())
        .contains("signed");
    assertThat(results.path("pdus").path(elsewhere.id().value()).path("error").asText())
        .contains("not in the room");
    assertThat(log.rooms())
        .extracting(command -> ((RoomCommand.ReceiveEvent) command).pdu())
        .containsExactly(good.json(), last.json());
  }

  @Test
  void whatIsNoPduIsNoServerError() throws Exception {
    ObjectNode transaction = transaction();
    ArrayNode pdus = transaction.withArray("pdus");
    pdus.add(5).add("x").addObject();
    pdus.addObject().put("room_id", room.roomId().value());
    pdus.addObject().put("room_id", room.roomId().value()).put("type", 5).put("content", "x");
    pdus.addObject().put("room_id", "!unknown").putArray("signatures");
    pdus.addObject().putObject("room_id").put("a", 1);
    ArrayNode edus = transaction.withArray("edus");
    edus.add(1).addObject().put("edu_type", "m.typing");
    for (String type :
        List.of("m.receipt", "m.direct_to_device", "m.device_list_update", "m.presence", "x")) {
      edus.addObject().put("edu_type", type).put("content", 5);
      edus.addObject().put("edu_type", type).putObject("content").put("messages", 1);
    }
    put(V1 + "/send/t3", transaction).ok();
    assertThat(log.rooms()).isEmpty();
    put(V1 + "/send/t3", Json.object().put("pdus", 5)).fails(400, "M_BAD_JSON");
  }

  @Test
  void whoSpeaksToUsIsWorthATryButNotEachTime() throws Exception {
    Neighbour back = Neighbour.of("back.test", 9);
    server.know(back);
    for (int i = 0; i < 2; i++) {
      String target = V1 + "/send/back" + i;
      reply(back.send("PUT", base, target, FakeServer.ONE, transaction())).ok();
    }
    assertThat(log.woken()).containsExactly(new QueueKey(FakeServer.ONE, back.name()));
  }

  @Test
  void aTransactionHasLimits() throws Exception {
    List<Pdu> pdus = new ArrayList<>();
    for (int i = 0; i < 51; i++) {
      pdus.add(message("m" + i));
    }
    send("t4", pdus, List.of()).fails(400, "M_INVALID_PARAM");
    assertThat(log.rooms()).isEmpty();
    send("t4", pdus.subList(0, 50), List.of()).ok();
    assertThat(log.rooms()).hasSize(50);
  }

  @Test
  void aTransactionMayBeLargerThanAClientsRequest() throws Exception {
    List<Pdu> pdus = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      pdus.add(message(i + "x".repeat(60_000)));
    }
    send("t5", pdus, List.of()).ok();
    assertThat(log.rooms()).hasSize(30);
  }

  @Test
  void theServerAclIsAskedForEachPduAndEdu() throws Exception {
    acl("stranger.test");
    Pdu message = message("denied");
    ObjectNode typing = edu("m.typing");
    typing
        .putObject("content")
        .put("room_id", room.roomId().value())
        .put("user_id", BOB.value())
        .put("typing", true);
    JsonNode results = send("t6", List.of(message), List.of(typing, receipt(BOB))).ok();
    assertThat(results.path("pdus").path(message.id().value()).path("error").asText())
        .contains("ACL");
    assertThat(log.rooms()).isEmpty();
    assertThat(log.ephemeral()).isEmpty();
  }

  @Test
  void aRoomThatTheTenantIsNotInIsNotKnown() throws Exception {
    Pdu message = message("x");
    Reply reply =
        reply(
            REMOTE.send(
                "PUT",
                base,
                V1 + "/send/t7",
                FakeServer.CLOSED,
                transaction(List.of(message), List.of())));
    assertThat(reply.ok().path("pdus").path(message.id().value()).path("error").asText())
        .isNotEmpty();
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void theEndOfAnInviteIsNotedIfItNamesTheInvite() throws Exception {
    RoomId other = new RoomId("!other");
    Pdu invite = REMOTE.sign(member(other, CAROL, ALICE, "invite"), RoomVersion.V11);
    server.rooms().addMembership(invite, "11");
    Pdu guess = REMOTE.sign(member(other, CAROL, ALICE, "leave"), RoomVersion.V11);
    ObjectNode json = member(other, CAROL, ALICE, "leave");
    json.withArray("auth_events").add(invite.id().value());
    Pdu kick = REMOTE.sign(json, RoomVersion.V11);
    JsonNode results = send("t8", List.of(guess, kick), List.of()).ok().path("pdus");
    assertThat(results.path(guess.id().value()).has("error")).isTrue();
    assertThat(results.path(kick.id().value()).has("error")).isFalse();
    RoomCommand.NoteRemoteMembership note =
        (RoomCommand.NoteRemoteMembership) log.rooms().getFirst();
    assertThat(note.user()).isEqualTo(ALICE);
    assertThat(note.event()).isEqualTo(kick.json());
    assertThat(log.rooms()).hasSize(1);
  }

  // EDUs

  @Test
  void typingAndReceiptsOfItsOwnUsersAreTaken() throws Exception {
    ObjectNode typing = edu("m.typing");
    typing
        .putObject("content")
        .put("room_id", room.roomId().value())
        .put("user_id", BOB.value())
        .put("typing", true);
    ObjectNode ofOthers = typing.deepCopy();
    ((ObjectNode) ofOthers.path("content")).put("user_id", ALICE.value());
    send("t9", List.of(), List.of(typing, ofOthers, receipt(BOB), receipt(ALICE))).ok();
    assertThat(log.ephemeral()).hasSize(2);
    TypingRecord typed = (TypingRecord) log.ephemeral().get(0);
    assertThat(typed.user()).isEqualTo(BOB);
    assertThat(typed.untilTs()).isPositive();
    ReceiptRecord read = (ReceiptRecord) log.ephemeral().get(1);
    assertThat(read.user()).isEqualTo(BOB);
    assertThat(read.threadId()).isEqualTo("main");
    // A time to come would be refused by the log, or keep the receipt for ever.
    assertThat(read.ts()).isLessThanOrEqualTo(System.currentTimeMillis());
  }

  @Test
  void messagesToDevicesAreDroppedWhenTheyComeAgain() throws Exception {
    ObjectNode edu = edu("m.direct_to_device");
    ObjectNode content = edu.putObject("content");
    content.put("sender", BOB.value()).put("type", "m.x").put("message_id", "m1");
    ObjectNode messages = content.putObject("messages");
    messages.putObject(ALICE.value()).putObject("PHONE").put("a", 1);
    messages.putObject("@nobody:one.test").putObject("PHONE");
    messages.putObject("@x:stranger.test").putObject("PHONE");
    send("t10", List.of(), List.of(edu)).ok();
    send("t11", List.of(), List.of(edu)).ok();
    List<AccountCommand.SendToDevice> sent =
        log.accounts().stream().map(AccountCommand.SendToDevice.class::cast).toList();
    assertThat(sent).hasSize(2);
    assertThat(sent).extracting(AccountCommand.SendToDevice::user).containsOnly(ALICE);
    assertThat(sent.get(0).dedupe()).isEqualTo(sent.get(1).dedupe());
    content.put("sender", "@bob:stranger.test");
    send("t12", List.of(), List.of(edu)).ok();
    assertThat(log.accounts()).hasSize(2);
  }

  @Test
  void aChangedDeviceListIsToldToSharedRoomsOnce() throws Exception {
    ObjectNode edu = edu("m.device_list_update");
    edu.putObject("content")
        .put("user_id", BOB.value())
        .put("device_id", "D")
        .put("stream_id", System.nanoTime());
    send("t13", List.of(), List.of(edu)).ok();
    send("t14", List.of(), List.of(edu)).ok();
    assertThat(log.rooms()).hasSize(1);
    RoomCommand.EchoDevices echo = (RoomCommand.EchoDevices) log.rooms().getFirst();
    assertThat(echo.user()).isEqualTo(BOB);
    assertThat(echo.roomId()).isEqualTo(room.roomId());
    ObjectNode ofAlice = edu("m.signing_key_update");
    ofAlice.putObject("content").put("user_id", ALICE.value());
    send("t15", List.of(), List.of(ofAlice)).ok();
    assertThat(log.rooms()).hasSize(1);
  }

  @Test
  void presenceIsOfUsersOfTheOriginWhoShareARoom() throws Exception {
    ObjectNode edu = edu("m.presence");
    ArrayNode push = edu.putObject("content").putArray("push");
    push.addObject().put("user_id", BOB.value()).put("presence", "unavailable");
    push.addObject()
        .put("user_id", BOB.value())
        .put("presence", "online")
        .put("last_active_ago", 5_000)
        .put("currently_active", true)
        .put("status_msg", "away");
    push.addObject().put("user_id", ALICE.value()).put("presence", "online");
    push.addObject().put("user_id", CAROL.value()).put("presence", "online");
    push.addObject().put("user_id", BOB.value() + "/x").put("presence", 5);
    push.add(7);
    push.addObject().put("user_id", 7);
    send("t16", List.of(), List.of(edu)).ok();
    PresenceRecord record = (PresenceRecord) log.ephemeral().getFirst();
    assertThat(log.ephemeral()).hasSize(1);
    assertThat(record.user()).isEqualTo(BOB);
    assertThat(record.presence()).isEqualTo(Presence.ONLINE);
    assertThat(record.statusMsg()).isEqualTo("away");
    assertThat(record.device()).isNull();
    assertThat(record.renewal()).isFalse();
    assertThat(record.untilTs() - record.lastActiveTs()).isEqualTo(35 * 60_000 + 5_000);

    send("t17", List.of(), List.of(edu)).ok();
    assertThat(((PresenceRecord) log.ephemeral().get(1)).renewal()).isTrue();

    ObjectNode odd = edu("m.presence");
    odd.putObject("content")
        .putArray("push")
        .addObject()
        .put("user_id", BOB.value())
        .put("presence", "offline")
        .put("last_active_ago", Long.MIN_VALUE)
        .put("status_msg", "x".repeat(PresenceRecord.STATUS_BYTES_MAX + 1));
    send("t18", List.of(), List.of(odd)).ok();
    PresenceRecord offline = (PresenceRecord) log.ephemeral().get(2);
    assertThat(offline.presence()).isEqualTo(Presence.OFFLINE);
    assertThat(offline.untilTs()).isZero();
    assertThat(offline.statusMsg()).isNull();
  }

  // Joining, knocking, leaving

  @ParameterizedTest
  @ValueSource(strings = {"6", "10", "11", "12"})
  void aJoinIsAnsweredWithStateAndAuthChain(String version) throws Exception {
    room = RoomBuilder.publicRoom(RoomVersion.find(version).orElseThrow(), ALICE);
    server.rooms().clear();
    server.rooms().load(room);
    RoomBuilder after = room;
    Pdu join = REMOTE.sign(templated(CAROL, "join"), room.version());
    List<Pdu> before = List.copyOf(room.events());
    log.onSubmit(command -> server.rooms().addJoined(join, after));
    log.answerNext(Json.object().put("verdict", "ACCEPTED"));
    JsonNode answer = put(path(V2, "send_join", join), join.json()).ok();
    assertThat(answer.path("members_omitted").asBoolean(true)).isFalse();
    assertThat(answer.path("servers_in_room")).hasSize(1);
    assertThat(answer.path("state")).hasSize(before.size());
    assertThat(answer.path("auth_chain").size()).isBetween(2, before.size());
    for (JsonNode event : answer.path("state")) {
      assertThat(
              EventSignatures.verify(
                  (ObjectNode) event,
                  room.version(),
                  FakeServer.ONE,
                  FakeServer.KEY.keyId(),
                  FakeServer.KEY.publicKey()))
          .as(event.toString())
          .isTrue();
    }
    assertThat(answer.path("event").path("signatures").has("remote.test")).isTrue();
    RoomCommand.ReceiveEvent command = (RoomCommand.ReceiveEvent) log.rooms().getFirst();
    assertThat(command.relayAs()).isEqualTo(FakeServer.ONE);
  }

  @Test
  void aJoinMustBeWhatItSaysItIs() throws Exception {
    Pdu join = REMOTE.sign(templated(CAROL, "join"), room.version());
    put(V2 + "/send_join/" + room.roomId() + "/$other", join.json()).fails(400, "M_INVALID_PARAM");
    put(V2 + "/send_join/!unknown/" + join.id(), join.json()).fails(404, "M_NOT_FOUND");
    refused(event -> event.put("type", "m.room.topic"));
    refused(event -> event.put("state_key", BOB.value()));
    refused(event -> event.put("sender", "@carol:stranger.test"));
    refused(event -> ((ObjectNode) event.path("content")).put("membership", "leave"));
    refused(event -> event.put("depth", -1));
    ObjectNode unsigned = join.json().deepCopy();
    unsigned.putObject("signatures");
    put(path(V2, "send_join", join), unsigned).fails(400, "M_INVALID_PARAM");
    assertThat(log.rooms()).isEmpty();
    log.answerNext(Json.object().put("verdict", "REJECTED"));
    put(path(V2, "send_join", join), join.json()).fails(403, "M_FORBIDDEN");
    log.failNext(Failure.FORBIDDEN);
    put(path(V2, "send_join", join), join.json()).fails(403, "M_FORBIDDEN");
    log.answerNext(Json.object().put("verdict", "WAITING"));
    put(path(V2, "send_join", join), join.json()).fails(400, "M_INVALID_PARAM");
    acl("stranger.test");
    put(path(V2, "send_join", join), join.json()).fails(403, "M_FORBIDDEN");
  }

  private void refused(Consumer<ObjectNode> change) throws Exception {
    ObjectNode event = templated(CAROL, "join");
    change.accept(event);
    Pdu join = REMOTE.sign(event, room.version());
    put(path(V2, "send_join", join), join.json()).fails(400, "M_INVALID_PARAM");
  }

  @Test
  void ourSignatureVouchesForARestrictedJoinOnlyIfAConditionIsMet() throws Exception {
    RoomBuilder club = RoomBuilder.publicRoom(RoomVersion.V12, new UserId("@zoe:one.test"));
    server.rooms().load(club);
    ObjectNode rules = Json.object().put("join_rule", "restricted");
    rules
        .putArray("allow")
        .addObject()
        .put("type", "m.room_membership")
        .put("room_id", club.roomId().value());
    room.state(ALICE, "m.room.join_rules", "", rules);
    server.rooms().load(room);
    ObjectNode event = templated(CAROL, "join");
    ((ObjectNode) event.path("content")).put("join_authorised_via_users_server", ALICE.value());
    Pdu join = REMOTE.sign(event, room.version());
    put(path(V2, "send_join", join), join.json()).fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).isEmpty();

    club.join(CAROL);
    server.rooms().load(club);
    log.onSubmit(command -> server.rooms().addJoined(join, room));
    log.answerNext(Json.object().put("verdict", "ACCEPTED"));
    JsonNode answer = put(path(V2, "send_join", join), join.json()).ok();
    assertThat(answer.path("event").path("signatures").has("one.test")).isTrue();

    // That carol was seen there just now vouches for nothing.
    server.viewAway("membership");
    put(path(V2, "send_join", join), join.json()).fails(503, "M_UNKNOWN");
    server.viewAway("");

    rules
        .withArray("allow")
        .removeAll()
        .addObject()
        .put("type", "m.room_membership")
        .put("room_id", "!nobody-here");
    room.state(ALICE, "m.room.join_rules", "", rules);
    server.rooms().load(room);
    put(path(V2, "send_join", join), join.json()).fails(400, "M_UNABLE_TO_AUTHORISE_JOIN");
  }

  @Test
  void leavesAndKnocksAreDecidedAndAnswered() throws Exception {
    Pdu leave = REMOTE.sign(templated(BOB, "leave"), room.version());
    log.answerNext(Json.object().put("verdict", "ACCEPTED"));
    assertThat(put(path(V2, "send_leave", leave), leave.json()).ok()).isEqualTo(Json.object());
    String v1 = path(V2, "send_leave", leave).replace("/v2/", "/v1/");
    assertThat(put(v1, leave.json()).ok().toString()).isEqualTo("[200,{}]");
    Pdu knock = REMOTE.sign(templated(CAROL, "knock"), room.version());
    log.answerNext(Json.object().put("verdict", "ACCEPTED"));
    JsonNode state = put(path(V1, "send_knock", knock), knock.json()).ok().path("knock_room_state");
    assertThat(state).anySatisfy(entry -> assertThat(type(entry)).isEqualTo("m.room.create"));
    assertThat(state).allSatisfy(entry -> assertThat(entry.path("hashes").isObject()).isTrue());
    assertThat(log.rooms())
        .extracting(command -> ((RoomCommand.ReceiveEvent) command).relayAs())
        .containsExactly(FakeServer.ONE, FakeServer.ONE, FakeServer.ONE);
    put(path(V2, "send_leave", knock), knock.json()).fails(400, "M_INVALID_PARAM");
  }

  // Invites

  @Test
  void anInviteIsSignedAndNoted() throws Exception {
    RoomBuilder theirs = RoomBuilder.publicRoom(RoomVersion.V12, BOB);
    ObjectNode invite = member(theirs.roomId(), BOB, ALICE, "invite");
    Pdu event = REMOTE.sign(invite, RoomVersion.V12);
    ObjectNode body = inviteBody(theirs, event);
    JsonNode signed = put(path(V2, "invite", event), body).ok().path("event");
    assertThat(
            EventSignatures.verify(
                (ObjectNode) signed,
                RoomVersion.V12,
                FakeServer.ONE,
                FakeServer.KEY.keyId(),
                FakeServer.KEY.publicKey()))
        .isTrue();
    RoomCommand.NoteRemoteMembership note =
        (RoomCommand.NoteRemoteMembership) log.rooms().getFirst();
    assertThat(note.user()).isEqualTo(ALICE);
    assertThat(note.roomVersion()).isEqualTo("12");
    assertThat(note.strippedState()).isNotEmpty();
  }

  @Test
  void anInviteMustBeOneAndShowTheRoom() throws Exception {
    RoomBuilder theirs = RoomBuilder.publicRoom(RoomVersion.V12, BOB);
    Pdu event = REMOTE.sign(member(theirs.roomId(), BOB, ALICE, "invite"), RoomVersion.V12);
    ObjectNode body = inviteBody(theirs, event);
    String path = path(V2, "invite", event);
    put(path, body.deepCopy().put("room_version", "99")).fails(400, "M_INCOMPATIBLE_ROOM_VERSION");
    ObjectNode noState = body.deepCopy();
    noState.putArray("invite_room_state");
    put(path, noState).fails(400, "M_INVALID_PARAM");
    ObjectNode stripped = body.deepCopy();
    ((ObjectNode) stripped.path("invite_room_state").get(0)).remove("hashes");
    put(path, stripped).fails(400, "M_INVALID_PARAM");
    ObjectNode other = body.deepCopy();
    other.withArray("invite_room_state").add(signedByRemote(room, StateKey.JOIN_RULES));
    put(path, other).fails(400, "M_INVALID_PARAM");
    Pdu ofBob = REMOTE.sign(member(theirs.roomId(), BOB, CAROL, "invite"), RoomVersion.V12);
    put(path(V2, "invite", ofBob), inviteBody(theirs, ofBob)).fails(400, "M_INVALID_PARAM");
    UserId nobody = new UserId("@nobody:one.test");
    Pdu unknown = REMOTE.sign(member(theirs.roomId(), BOB, nobody, "invite"), RoomVersion.V12);
    put(path(V2, "invite", unknown), inviteBody(theirs, unknown)).fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void anInviteIntoAHeldRoomIsDecidedByIt() throws Exception {
    UserId dora = new UserId("@dora:one.test");
    server
        .accounts()
        .accounts
        .put(dora, new AccountsView.Account(dora, "hash", Position.ofOffset(7), false, 0));
    ObjectNode invite = member(room.roomId(), BOB, dora, "invite");
    Pdu event = REMOTE.sign(invite, room.version());
    log.answerNext(Json.object().put("verdict", "REJECTED"));
    put(path(V2, "invite", event), inviteBody(room, event)).fails(403, "M_FORBIDDEN");
    log.answerNext(Json.object().put("verdict", "ACCEPTED"));
    put(path(V2, "invite", event), inviteBody(room, event)).ok();
    assertThat(log.rooms()).allMatch(command -> command instanceof RoomCommand.ReceiveEvent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ACCEPTED",
        "WAITING",
        "REJECTED",
        "SOFT_FAILED",
        "forbidden",
        "bad",
        "gone",
        "acl"
      })
  void anInviteIsAnsweredAlikeWhetherOrNotAnotherTenantIsInTheRoom(String fate) throws Exception {
    UserId dora = new UserId("@dora:closed.test");
    server
        .accounts()
        .accounts
        .put(dora, new AccountsView.Account(dora, "hash", Position.ofOffset(7), false, 0));
    Pdu event = REMOTE.sign(member(room.roomId(), BOB, dora, "invite"), room.version());
    switch (fate) {
      case "forbidden" -> log.failNext(Failure.FORBIDDEN);
      case "bad" -> log.failNext(Failure.BAD_STATE);
      case "gone" -> log.failNext(Failure.NOT_FOUND);
      case "acl" -> acl("stranger.test");
      default -> log.answerNext(Json.object().put("verdict", fate));
    }
    JsonNode told = invite(event, FakeServer.CLOSED).ok();
    List<RoomCommand> commands = log.rooms();
    log.reset();
    server.rooms().clear();
    assertThat(told).isEqualTo(invite(event, FakeServer.CLOSED).ok());
    assertThat(log.rooms()).hasOnlyElementsOfType(RoomCommand.NoteRemoteMembership.class);
    assertThat(told.path("event").path("signatures").has("closed.test")).isTrue();
    // The room that is held decides about its own state, and hears nothing of whom it denies.
    switch (fate) {
      case "acl" -> assertThat(commands).isEmpty();
      case "gone" -> {
        assertThat(commands).hasSize(2);
        assertThat(commands.getLast()).isInstanceOf(RoomCommand.NoteRemoteMembership.class);
      }
      default ->
          assertThat(commands)
              .singleElement()
              .isInstanceOfSatisfying(
                  RoomCommand.ReceiveEvent.class,
                  command -> assertThat(command.pdu()).isEqualTo(event.json()));
    }
  }

  private Reply invite(Pdu event, ServerName tenant) throws Exception {
    return reply(
        REMOTE.send("PUT", base, path(V2, "invite", event), tenant, inviteBody(room, event)));
  }

  @Test
  void theEndOfAnInviteIsNotGivenToARoomThatDeniesItsServer() throws Exception {
    UserId dora = new UserId("@dora:closed.test");
    Pdu invite = REMOTE.sign(member(room.roomId(), BOB, dora, "invite"), room.version());
    server.rooms().addMembership(invite, room.version().id());
    ObjectNode json = member(room.roomId(), BOB, dora, "leave");
    json.withArray("auth_events").add(invite.id().value());
    Pdu end = REMOTE.sign(json, room.version());
    ObjectNode transaction = transaction(List.of(end), List.of());
    Reply allowed =
        reply(REMOTE.send("PUT", base, V1 + "/send/end1", FakeServer.CLOSED, transaction));
    assertThat(log.rooms()).hasOnlyElementsOfType(RoomCommand.ReceiveEvent.class).hasSize(1);
    acl("stranger.test");
    Reply denied =
        reply(REMOTE.send("PUT", base, V1 + "/send/end2", FakeServer.CLOSED, transaction));
    assertThat(denied.ok()).isEqualTo(allowed.ok());
    assertThat(denied.json().path("pdus").path(end.id().value())).isEqualTo(Json.object());
    assertThat(log.rooms()).hasSize(1);
  }

  @Test
  void aRoomThatAnotherTenantIsJoiningIsNotKnown() throws Exception {
    RoomBuilder theirs = RoomBuilder.publicRoom(RoomVersion.V11, BOB);
    ObjectNode json = event("m.room.message", "x").put("room_id", theirs.roomId().value());
    Pdu message = REMOTE.sign(json, theirs.version());
    ObjectNode transaction = transaction(List.of(message), List.of());
    try (RunningJoins.Turn turn = joins.enter(theirs.roomId(), FakeServer.ONE)) {
      turn.begin(theirs.version());
      Reply of = reply(REMOTE.send("PUT", base, V1 + "/send/j1", FakeServer.CLOSED, transaction));
      assertThat(of.ok().path("pdus").path(message.id().value()).path("error").asText())
          .contains("not in the room");
      assertThat(log.rooms()).isEmpty();
      JsonNode taken = put(V1 + "/send/j2", transaction).ok();
      assertThat(taken.path("pdus").path(message.id().value())).isEqualTo(Json.object());
      assertThat(log.rooms()).hasSize(1);
    }
  }

  @Test
  void invitesOfOldServersAreTaken() throws Exception {
    RoomId old = new RoomId("!old:remote.test");
    ObjectNode invite = member(old, BOB, ALICE, "invite");
    invite.put("event_id", "$invite:remote.test");
    invite.remove("auth_events");
    invite.remove("prev_events");
    invite.putArray("auth_events");
    invite.putArray("prev_events");
    Pdu event = REMOTE.sign(invite, RoomVersion.V1);
    ObjectNode body = event.json().deepCopy();
    body.putObject("unsigned")
        .putArray("invite_room_state")
        .addObject()
        .put("type", "m.room.name")
        .put("state_key", "")
        .put("sender", BOB.value())
        .putObject("content")
        .put("name", "N");
    JsonNode answer = put(path(V1, "invite", event), body).ok();
    assertThat(answer.path(0).asInt()).isEqualTo(200);
    assertThat(answer.path(1).path("event").path("signatures").has("one.test")).isTrue();
    RoomCommand.NoteRemoteMembership note =
        (RoomCommand.NoteRemoteMembership) log.rooms().getFirst();
    assertThat(note.strippedState()).hasSize(1);
  }

  // Keys

  @Test
  void keysOfTheTenantsOwnUsersCanBeClaimed() throws Exception {
    ObjectNode claimed = Json.object();
    claimed.putObject("devices").putObject("D").putObject("signed_curve25519:A").put("key", "k");
    log.answerNext(claimed);
    ObjectNode body = Json.object();
    ObjectNode asked = body.putObject("one_time_keys");
    asked.putObject(ALICE.value()).put("D", "signed_curve25519");
    asked.putObject("@x:closed.test").put("D", "signed_curve25519");
    JsonNode keys =
        reply(REMOTE.send("POST", base, V1 + "/user/keys/claim", FakeServer.ONE, body))
            .ok()
            .path("one_time_keys");
    assertThat(keys.path(ALICE.value()).path("D").has("signed_curve25519:A")).isTrue();
    assertThat(log.accounts()).hasSize(1);
  }

  // The policy server

  @Test
  void aTenantIsNoPolicyServerUnlessItIsSaid() throws Exception {
    choosePolicyServer(FakeServer.ONE, FakeServer.POLICY_KEY);
    server.policyServer(FakeServer.CLOSED);
    sign(REMOTE, message("x").json()).fails(404, "M_UNRECOGNIZED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "6", "11"})
  void thePolicyServersSignatureIsOneThatWeAcceptOurselves(String version) throws Exception {
    room = RoomBuilder.publicRoom(RoomVersion.find(version).orElseThrow(), ALICE);
    room.join(BOB);
    choosePolicyServer(FakeServer.ONE, FakeServer.POLICY_KEY);
    Pdu message = message("hello");
    JsonNode answer = sign(REMOTE, message.json()).ok();
    assertThat(answer.properties()).hasSize(1);
    PolicyServer chosen =
        PolicyServer.of(room.current(PolicyServer.STATE_KEY).orElseThrow().content(), via -> true)
            .orElseThrow();
    ObjectNode signed =
        chosen
            .withRecommendation(message.json(), room.version(), (ObjectNode) answer)
            .orElseThrow();
    assertThat(chosen.recommends(signed, room.version())).isTrue();
    assertThat(chosen.recommends(message.json(), room.version())).isFalse();
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void aServerInTheRoomMayShowAnothersEventIfItsMakerSignedIt() throws Exception {
    choosePolicyServer(FakeServer.ONE, FakeServer.POLICY_KEY);
    UserId carol = new UserId("@carol:" + STRANGER.name());
    Pdu message = message("hello");
    sign(STRANGER, message.json()).fails(403, "M_FORBIDDEN");
    room.join(carol);
    server.rooms().load(room);
    sign(STRANGER, message.json()).ok();
    ObjectNode unsigned = message.json().deepCopy();
    unsigned.putObject("signatures");
    sign(STRANGER, unsigned).fails(400, "M_FORBIDDEN");
  }

  @Test
  void aPolicyServerSignsNothingOfWhomTheTenantOrTheRoomDenies() throws Exception {
    choosePolicyServer(FakeServer.ONE, FakeServer.POLICY_KEY);
    UserId carol = new UserId("@carol:" + STRANGER.name());
    room.join(carol);
    server.rooms().load(room);
    ObjectNode hers = event("m.room.message", "x").put("sender", carol.value());
    Pdu event = STRANGER.sign(hers, room.version());
    sign(REMOTE, event.json()).ok();
    server.speakWith(FederationPolicy.OPEN.without(STRANGER.name().value()));
    sign(REMOTE, event.json()).fails(400, "M_FORBIDDEN");
    sign(STRANGER, event.json()).fails(403, "M_FORBIDDEN");
    server.speakWith(FederationPolicy.OPEN);
    acl(REMOTE.name().value());
    sign(REMOTE, event.json()).fails(400, "M_FORBIDDEN");
    sign(STRANGER, event.json()).fails(403, "M_FORBIDDEN");
  }

  @Test
  void aPolicyServerKnowsTheRoomsThatChoseIt() throws Exception {
    server.policyServer(FakeServer.ONE);
    sign(REMOTE, message("x").json()).fails(404, "M_NOT_FOUND");
    choosePolicyServer(FakeServer.CLOSED, FakeServer.POLICY_KEY);
    server.policyServer(FakeServer.ONE);
    sign(REMOTE, message("x").json()).fails(404, "M_NOT_FOUND");
    Pdu elsewhere = REMOTE.sign(event("m.x", "3").put("room_id", "!elsewhere:a"), room.version());
    sign(REMOTE, elsewhere.json()).fails(404, "M_NOT_FOUND");
    // Signed with a key that the room does not know, it would be no recommendation.
    choosePolicyServer(FakeServer.ONE, FakeServer.KEY);
    sign(REMOTE, message("x").json()).fails(400, "M_FORBIDDEN");
  }

  @Test
  void aPolicyServerSignsEventsAlone() throws Exception {
    choosePolicyServer(FakeServer.ONE, FakeServer.POLICY_KEY);
    sign(REMOTE, Json.object()).fails(400, "M_BAD_JSON");
    ObjectNode noSender = message("x").json().deepCopy();
    noSender.remove("sender");
    sign(REMOTE, noSender).fails(400, "M_BAD_JSON");
    ObjectNode changed = message("x").json().deepCopy();
    changed.putObject("content").put("body", "y");
    sign(REMOTE, changed).fails(400, "M_FORBIDDEN");
    sign(REMOTE, message("x".repeat(66_000)).json()).fails(400, "M_BAD_JSON");
    ObjectNode policy = event("m.room.policy", "x").put("state_key", "");
    sign(REMOTE, REMOTE.sign(policy, room.version()).json()).fails(400, "M_FORBIDDEN");
  }

  /** The room names this tenant, which is one, with this key. */
  private void choosePolicyServer(ServerName tenant, SigningKey key) {
    ObjectNode content = Json.object().put("via", tenant.value());
    content.putObject("public_keys").put("ed25519", key.publicKeyBase64());
    room.state(ALICE, "m.room.policy", "", content);
    server.rooms().load(room);
    server.policyServer(tenant);
  }

  private Reply sign(Neighbour asking, ObjectNode event) throws Exception {
    return reply(asking.send("POST", base, "/_matrix/policy/v1/sign", FakeServer.ONE, event));
  }

  // Building blocks

  private static String type(JsonNode event) {
    return event.path("type").asText();
  }

  private void acl(String allowed) {
    ObjectNode acl = Json.object();
    acl.putArray("allow").add(allowed).add("one.test");
    room.state(ALICE, "m.room.server_acl", "", acl);
    server.rooms().load(room);
  }

  private ObjectNode event(String type, String body) {
    ObjectNode event = Json.object();
    event.put("type", type);
    event.put("room_id", room.roomId().value());
    event.put("sender", BOB.value());
    event.put("origin_server_ts", 1_790_000_000_000L);
    event.put("depth", 10);
    event.putArray("prev_events").add(room.extremities().getFirst().value());
    event.putArray("auth_events").add(room.create().id().value());
    event.putObject("content").put("body", body);
    return event;
  }

  private Pdu message(String body) {
    return REMOTE.sign(event("m.room.message", body), room.version());
  }

  private static ObjectNode member(RoomId room, UserId sender, UserId user, String membership) {
    ObjectNode event = Json.object();
    event.put("type", "m.room.member");
    event.put("room_id", room.value());
    event.put("sender", sender.value());
    event.put("state_key", user.value());
    event.put("origin_server_ts", 1_790_000_000_000L);
    event.put("depth", 10);
    event.putArray("prev_events").add("$before");
    event.putArray("auth_events").add("$auth");
    event.putObject("content").put("membership", membership);
    return event;
  }

  /** As a template of this server's would have it. */
  private ObjectNode templated(UserId user, String membership) {
    ObjectNode event = member(room.roomId(), user, user, membership);
    ArrayNode prev = event.putArray("prev_events");
    room.extremities().forEach(id -> prev.add(id.value()));
    ArrayNode auth = event.putArray("auth_events");
    for (StateKey key : List.of(StateKey.POWER_LEVELS, StateKey.JOIN_RULES)) {
      auth.add(room.currentState().get(key).value());
    }
    return event;
  }

  private ObjectNode inviteBody(RoomBuilder theirs, Pdu event) {
    ObjectNode body = Json.object().put("room_version", theirs.version().id());
    body.set("event", event.json());
    body.putArray("invite_room_state").add(signedByRemote(theirs, StateKey.CREATE));
    return body;
  }

  private static ObjectNode signedByRemote(RoomBuilder of, StateKey key) {
    Pdu event = of.current(key).orElseThrow();
    return EventSignatures.sign(event.json(), of.version(), REMOTE.name(), REMOTE.key());
  }

  private static ObjectNode edu(String type) {
    return Json.object().put("edu_type", type);
  }

  private ObjectNode receipt(UserId user) {
    ObjectNode edu = edu("m.receipt");
    ObjectNode receipt =
        edu.putObject("content")
            .putObject(room.roomId().value())
            .putObject("m.read")
            .putObject(user.value());
    receipt.putArray("event_ids").add("$read");
    receipt.putObject("data").put("ts", Long.MAX_VALUE).put("thread_id", "main");
    return edu;
  }

  private ObjectNode transaction() {
    return transaction(List.of(), List.of());
  }

  private static ObjectNode transaction(List<Pdu> pdus, List<ObjectNode> edus) {
    ObjectNode transaction =
        Json.object().put("origin", REMOTE.name().value()).put("origin_server_ts", 1);
    ArrayNode array = transaction.putArray("pdus");
    pdus.forEach(pdu -> array.add(pdu.json()));
    transaction.putArray("edus").addAll(edus);
    return transaction;
  }

  private Reply send(String txnId, List<Pdu> pdus, List<ObjectNode> edus) throws Exception {
    // Answers are remembered beyond one test.
    return put(V1 + "/send/" + txnId, transaction(pdus, edus));
  }

  private static String path(String prefix, String operation, Pdu event) {
    return prefix + "/" + operation + "/" + event.roomId() + "/" + encoded(event.id());
  }

  private static String encoded(EventId id) {
    return URLEncoder.encode(id.value(), StandardCharsets.UTF_8);
  }

  private Reply put(String target, ObjectNode body) throws Exception {
    return reply(REMOTE.send("PUT", base, target, FakeServer.ONE, body));
  }

  private static Reply reply(HttpResponse<byte[]> response) throws Exception {
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }
}
