package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.TreeSet;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.ingest.remote.Portions;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.ChangeMembership;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients' writes that need other servers: which servers are asked, what becomes a command. */
@QuarkusTest
class FederationOutboundTest {
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final String V3 = "/_matrix/client/v3";

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;

  private final HttpClient http = HttpClient.newHttpClient();
  private NeighbourServer neighbour;
  private NeighbourServer other;
  private UserId bob;
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
    log.reset();
    server.speakWith(FederationPolicy.OPEN);
    server.accounts().addSession("token", ALICE, "PHONE");
    server.rooms().clear();
    neighbour = FakeServer.neighbour(11);
    other = FakeServer.neighbour(12);
    bob = neighbour.user("bob");
    room = RoomBuilder.publicRoom(RoomVersion.V12, bob);
    for (int i = 0; i < 5; i++) {
      room.join(neighbour.user("member" + i));
    }
    neighbour.hold(room);
  }

  @AfterEach
  void close() {
    server.viewAway("");
    neighbour.close();
    other.close();
  }

  // Joining

  @ParameterizedTest
  @ValueSource(strings = {"4", "8", "10", "11", "12"})
  void joinsARoomThroughAServerThatIsNamed(String version) throws Exception {
    room = RoomBuilder.publicRoom(RoomVersion.find(version).orElseThrow(), bob);
    room.join(neighbour.user("carol"));
    neighbour.hold(room);
    JsonNode reply = join("?via=" + neighbour.name()).ok();
    assertThat(reply.path("room_id").asText()).isEqualTo(room.roomId().value());
    RoomCommand.BeginJoin begin = (RoomCommand.BeginJoin) log.rooms().getFirst();
    Pdu join = EventHashes.pdu(begin.joinEvent(), room.version());
    assertThat(join.sender()).isEqualTo(ALICE);
    assertThat(join.prevEvents()).isEqualTo(room.extremities());
    assertThat(
            EventSignatures.verify(
                join.json(),
                room.version(),
                FakeServer.ONE,
                FakeServer.KEY.keyId(),
                FakeServer.KEY.publicKey()))
        .isTrue();
    assertThat(begin.roomVersion()).isEqualTo(version);
    RoomCommand.CommitJoin commit = (RoomCommand.CommitJoin) log.rooms().getLast();
    assertThat(commit.joinId()).isEqualTo(begin.joinId());

    TreeSet<EventId> before = new TreeSet<>();
    TreeSet<EventId> state = new TreeSet<>();
    for (RoomCommand command : log.rooms().subList(1, log.rooms().size() - 1)) {
      for (RoomCommand.JoinEvent event : ((RoomCommand.JoinEvents) command).events()) {
        Pdu pdu = EventHashes.pdu(event.pdu(), room.version());
        assertThat(event.signaturesValid()).isTrue();
        assertThat(before).containsAll(pdu.authEvents());
        before.add(pdu.id());
        if (event.inState()) {
          state.add(pdu.id());
        }
      }
    }
    assertThat(state).isEqualTo(new TreeSet<>(room.currentState().values()));
  }

  @Test
  void theStateOfALargeRoomComesInBoundedCommands() throws Exception {
    for (int i = 0; i < 1_200; i++) {
      room.join(neighbour.user("many" + i));
    }
    log.onSubmit(
        command -> {
          if (command instanceof RoomCommand.CommitJoin && commits() < 3) {
            log.answerNext(Json.object().put("more", true));
          }
        });
    join("?via=" + neighbour.name()).ok();
    List<RoomCommand.JoinEvents> chunks =
        log.rooms().stream()
            .filter(RoomCommand.JoinEvents.class::isInstance)
            .map(RoomCommand.JoinEvents.class::cast)
            .toList();
    assertThat(chunks).hasSizeGreaterThan(12);
    assertThat(chunks).allMatch(chunk -> chunk.events().size() <= Portions.EVENTS_MAX);
    // The room moves its state in steps of its own.
    assertThat(commits()).isEqualTo(3);
  }

  /** So that commands of other rooms come between two chunks, however many there are. */
  @Test
  void aChunkIsGivenToTheRoomWhenTheOneBeforeIsDecided() throws Exception {
    for (int i = 0; i < 500; i++) {
      room.join(neighbour.user("many" + i));
    }
    log.onSubmit(
        command -> {
          if (command instanceof RoomCommand.JoinEvents && chunks() == 2) {
            log.failNext(Failure.INTERNAL);
          }
        });
    join("?via=" + neighbour.name()).fails(502, "M_UNKNOWN");
    assertThat(chunks()).isEqualTo(2);
    assertThat(commits()).isZero();
  }

  @Test
  void aJoinBeginsWhenAnotherOfTheRoomHasEnded() throws Exception {
    log.failNext(Failure.IN_PROGRESS);
    log.failNext(Failure.IN_PROGRESS);
    join("?via=" + neighbour.name()).ok();
    List<RoomCommand.BeginJoin> begun =
        log.rooms().stream()
            .filter(RoomCommand.BeginJoin.class::isInstance)
            .map(RoomCommand.BeginJoin.class::cast)
            .toList();
    assertThat(begun).hasSize(3);
    assertThat(begun)
        .extracting(RoomCommand.BeginJoin::joinId)
        .containsOnly(begun.getFirst().joinId());
    assertThat(neighbour.asked("send_join")).isEqualTo(1);
    assertThat(log.rooms().getLast()).isInstanceOf(RoomCommand.CommitJoin.class);
  }

  private long chunks() {
    return log.rooms().stream().filter(RoomCommand.JoinEvents.class::isInstance).count();
  }

  private long commits() {
    return log.rooms().stream().filter(RoomCommand.CommitJoin.class::isInstance).count();
  }

  @Test
  void joinsByTheAliasOfAnotherServer() throws Exception {
    neighbour.answer(
        "query",
        asked -> {
          ObjectNode answer = Json.object().put("room_id", room.roomId().value());
          answer.putArray("servers").add(neighbour.name().value());
          return NeighbourServer.ok(answer);
        });
    String alias = URLEncoder.encode("#lobby:" + neighbour.name(), StandardCharsets.UTF_8);
    assertThat(post("/join/" + alias, Json.object()).ok().path("room_id").asText())
        .isEqualTo(room.roomId().value());
    neighbour.refuse("query", 404, "M_NOT_FOUND");
    post("/join/" + alias, Json.object()).fails(404, "M_NOT_FOUND");
  }

  @Test
  void anInviteTellsWhomToAsk() throws Exception {
    Pdu invite = neighbour.self().sign(member(bob, ALICE, "invite"), room.version());
    server.rooms().addMembership(invite, "12");
    join("").ok();
    assertThat(log.rooms().getFirst()).isInstanceOf(RoomCommand.BeginJoin.class);
  }

  @Test
  void serversAreAskedOneAfterTheOther() throws Exception {
    other.refuse("make_join", 404, "M_NOT_FOUND");
    join("?via=" + other.name() + "&via=" + neighbour.name()).ok();
    assertThat(other.asked("make_join")).isEqualTo(1);
    // The server at fault for the second half is no better.
    other.hold(room);
    other.answer("make_join", asked -> NeighbourServer.ok(Json.object().put("room_version", "12")));
    log.reset();
    join("?server_name=" + other.name() + "&server_name=" + neighbour.name()).ok();
  }

  @ParameterizedTest
  @CsvSource({
    "403, M_FORBIDDEN, 403, M_FORBIDDEN",
    "404, M_NOT_FOUND, 404, M_NOT_FOUND",
    "400, M_UNABLE_TO_AUTHORISE_JOIN, 400, M_UNABLE_TO_AUTHORISE_JOIN",
    "400, M_INCOMPATIBLE_ROOM_VERSION, 400, M_INCOMPATIBLE_ROOM_VERSION",
    "400, M_INVALID_PARAM, 502, M_UNKNOWN",
    "500, M_UNKNOWN, 502, M_UNKNOWN",
  })
  void whatTheRoomsServerRefusesIsToldToTheClient(
      int status, String errcode, int told, String toldErrcode) throws Exception {
    neighbour.refuse("make_join", status, errcode);
    join("?via=" + neighbour.name()).fails(told, toldErrcode);
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void nobodyToAskIsNotFound() throws Exception {
    join("").fails(404, "M_NOT_FOUND");
    server.speakWith(FederationPolicy.NONE);
    join("?via=" + neighbour.name()).fails(502, "M_UNKNOWN");
    post("/join/" + room.roomId() + "?via=no%20server", Json.object())
        .fails(400, "M_INVALID_PARAM");
  }

  @Test
  void aServerThatLiesJoinsNobody() throws Exception {
    neighbour.answer(
        "send_join",
        asked -> {
          ObjectNode answer = Json.object();
          answer.putArray("state");
          answer.putArray("auth_chain");
          return NeighbourServer.ok(answer);
        });
    join("?via=" + neighbour.name()).fails(502, "M_UNKNOWN");
    neighbour.answer(
        "make_join",
        asked -> {
          ObjectNode template = member(ALICE, ALICE, "join").put("room_id", "!other");
          return NeighbourServer.ok(Json.object().put("room_version", "12").set("event", template));
        });
    join("?via=" + neighbour.name()).fails(502, "M_UNKNOWN");
    neighbour.answer(
        "make_join",
        asked -> {
          ObjectNode template = member(ALICE, ALICE, "join");
          template.putArray("prev_events").add(5).addObject();
          return NeighbourServer.ok(Json.object().put("room_version", "12").set("event", template));
        });
    join("?via=" + neighbour.name()).fails(502, "M_UNKNOWN");
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void forgedEventsAreMarkedAndOthersRoomsLeftOut() throws Exception {
    RoomBuilder elsewhere = RoomBuilder.publicRoom(RoomVersion.V12, neighbour.user("zoe"));
    neighbour.answer(
        "send_join",
        asked -> {
          ObjectNode answer = Json.object();
          var state = answer.putArray("state");
          for (EventId id : room.currentState().values()) {
            ObjectNode event = neighbour.signed(room.event(id)).deepCopy();
            if (event.path("state_key").asText().contains("member1")) {
              event
                  .putObject("signatures")
                  .putObject(neighbour.name().value())
                  .put("ed25519:r", "AA");
            }
            state.add(event);
          }
          state.add(neighbour.signed(elsewhere.create()));
          state.addObject().put("type", "m.room.member");
          answer.putArray("auth_chain");
          return NeighbourServer.ok(answer);
        });
    join("?via=" + neighbour.name()).ok();
    List<RoomCommand.JoinEvent> events = ((RoomCommand.JoinEvents) log.rooms().get(1)).events();
    assertThat(events).hasSize(room.currentState().size());
    assertThat(events)
        .filteredOn(event -> !event.signaturesValid())
        .allMatch(event -> event.pdu().path("state_key").asText().contains("member1"))
        .hasSize(1);
  }

  @Test
  void aRoomThatWasJoinedMeanwhileGetsTheEvent() throws Exception {
    log.onSubmit(
        command -> {
          if (command instanceof RoomCommand.BeginJoin) {
            server.rooms().load(room);
            server.rooms().put(room.roomId(), member(ALICE, ALICE, "join"));
          }
        });
    log.failNext(Failure.BAD_STATE);
    join("?via=" + neighbour.name()).ok();
    assertThat(log.rooms().getLast()).isInstanceOf(RoomCommand.ReceiveEvent.class);
  }

  @Test
  void aHeldRoomIsJoinedHereOrWhereItCanBeAuthorised() throws Exception {
    room.join(new UserId("@zoe:one.test"));
    server.rooms().load(room);
    join("").ok();
    assertThat(((ChangeMembership) log.rooms().getFirst()).action())
        .isEqualTo(RoomCommand.Action.JOIN);
    assertThat(neighbour.asked("make_join")).isZero();

    ObjectNode rules = Json.object().put("join_rule", "restricted");
    rules.putArray("allow").addObject().put("type", "m.room_membership").put("room_id", "!x");
    room.state(bob, "m.room.join_rules", "", rules);
    server.rooms().load(room);
    log.reset();
    log.failNext(Failure.FORBIDDEN);
    join("").ok();
    assertThat(neighbour.asked("send_join")).isEqualTo(1);
    RoomCommand.ReceiveEvent received = (RoomCommand.ReceiveEvent) log.rooms().getLast();
    assertThat(received.pdu().path("signatures").has(neighbour.name().value())).isTrue();

    neighbour.refuse("make_join", 404, "M_NOT_FOUND");
    log.failNext(Failure.FORBIDDEN);
    join("").fails(403, "M_FORBIDDEN");
  }

  @Test
  void whoeverLetsUsInAgainHearsFirstThatWeLeft() throws Exception {
    UserId carol = new UserId("@carol:one.test");
    room.join(ALICE);
    Pdu carolsJoin = room.join(carol);
    Pdu aliceLeft = room.member(ALICE, ALICE, "leave");
    Pdu carolLeft = room.member(carol, carol, "leave");
    server.rooms().load(room);
    List<String> told = new ArrayList<>();
    neighbour.answer(
        "send",
        asked -> {
          asked.body().path("pdus").forEach(pdu -> told.add(idOf(pdu)));
          return NeighbourServer.ok(Json.object().set("pdus", Json.object()));
        });
    // The transaction is answered before it is worked on.
    neighbour.answer(
        "make_join",
        asked -> {
          ObjectNode answer = neighbour.template(ALICE, "join");
          if (neighbour.asked("make_join") < 3) {
            ((ObjectNode) answer.path("event"))
                .putArray("prev_events")
                .add(carolsJoin.id().value());
          }
          return NeighbourServer.ok(answer);
        });
    join("?via=" + neighbour.name()).ok();
    assertThat(told).containsSubsequence(aliceLeft.id().value(), carolLeft.id().value());
    RoomCommand.BeginJoin begin = (RoomCommand.BeginJoin) log.rooms().getFirst();
    assertThat(EventHashes.pdu(begin.joinEvent(), room.version()).prevEvents())
        .containsExactly(carolLeft.id());
  }

  @Test
  void aServerThatNeverTakesInThatWeLeftLetsUsInAllTheSame() throws Exception {
    Pdu joined = room.join(ALICE);
    room.member(ALICE, ALICE, "leave");
    server.rooms().load(room);
    neighbour.answer("send", asked -> NeighbourServer.ok(Json.object()));
    neighbour.answer(
        "make_join",
        asked -> {
          ObjectNode answer = neighbour.template(ALICE, "join");
          ((ObjectNode) answer.path("event")).putArray("prev_events").add(joined.id().value());
          return NeighbourServer.ok(answer);
        });
    join("?via=" + neighbour.name()).ok();
    assertThat(log.rooms().getFirst()).isInstanceOf(RoomCommand.BeginJoin.class);
  }

  // Knocking and leaving

  @Test
  void knocksThroughAnotherServer() throws Exception {
    JsonNode reply =
        post(
                "/knock/" + room.roomId() + "?via=" + neighbour.name(),
                Json.object().put("reason", "please"))
            .ok();
    assertThat(reply.path("room_id").asText()).isEqualTo(room.roomId().value());
    RoomCommand.NoteRemoteMembership note =
        (RoomCommand.NoteRemoteMembership) log.rooms().getFirst();
    assertThat(note.event().path("content").path("membership").asText()).isEqualTo("knock");
    assertThat(note.event().path("content").path("reason").asText()).isEqualTo("please");
    assertThat(note.strippedState()).hasSize(1);
    neighbour.refuse("make_knock", 403, "M_FORBIDDEN");
    post("/knock/" + room.roomId() + "?via=" + neighbour.name(), Json.object())
        .fails(403, "M_FORBIDDEN");
  }

  @Test
  void refusesAnInviteAtItsServerOrHereAlone() throws Exception {
    Pdu invite = neighbour.self().sign(member(bob, ALICE, "invite"), room.version());
    server.rooms().addMembership(invite, "12");
    post("/rooms/" + room.roomId() + "/leave", Json.object()).ok();
    assertThat(neighbour.asked("send_leave")).isEqualTo(1);
    neighbour.refuse("make_leave", 500, "M_UNKNOWN");
    post("/rooms/" + room.roomId() + "/leave", Json.object()).ok();
    List<RoomCommand> notes = log.rooms();
    assertThat(notes)
        .hasSize(2)
        .allSatisfy(
            note ->
                assertThat(
                        ((RoomCommand.NoteRemoteMembership) note)
                            .event()
                            .path("content")
                            .path("membership")
                            .asText())
                    .isEqualTo("leave"));
    assertThat(((RoomCommand.NoteRemoteMembership) notes.get(1)).event().path("prev_events"))
        .isEmpty();
  }

  // While the views are away, it is only guessed that a room is held here

  @Test
  void aRoomThatIsFoundNotToBeHereIsJoinedThroughOthers() throws Exception {
    viewsComeBackWithTheNextRefusal();
    join("?via=" + neighbour.name()).ok();
    assertThat(log.rooms().getFirst()).isInstanceOf(ChangeMembership.class);
    assertThat(log.rooms().get(1)).isInstanceOf(RoomCommand.BeginJoin.class);
    assertThat(neighbour.asked("send_join")).isEqualTo(1);
  }

  @Test
  void anInviteToARoomThatIsFoundNotToBeHereIsRefusedThere() throws Exception {
    Pdu invite = neighbour.self().sign(member(bob, ALICE, "invite"), room.version());
    server.rooms().addMembership(invite, "12");
    viewsComeBackWithTheNextRefusal();
    post("/rooms/" + room.roomId() + "/leave", Json.object()).ok();
    assertThat(neighbour.asked("send_leave")).isEqualTo(1);
    assertThat(log.rooms().getLast()).isInstanceOf(RoomCommand.NoteRemoteMembership.class);
  }

  @Test
  void aRoomThatIsFoundNotToBeHereIsKnockedOnThroughOthers() throws Exception {
    viewsComeBackWithTheNextRefusal();
    post("/knock/" + room.roomId() + "?via=" + neighbour.name(), Json.object()).ok();
    assertThat(log.rooms().getLast()).isInstanceOf(RoomCommand.NoteRemoteMembership.class);
  }

  /** They are away when it is asked whether the room is here, and back when it says that not. */
  private void viewsComeBackWithTheNextRefusal() {
    server.viewAway("servers");
    log.failNext(Failure.NOT_FOUND);
    log.onSubmit(command -> server.viewAway(""));
  }

  // Inviting

  @Test
  void invitesUsersOfOtherServersAndTellsWhatTheySay() throws Exception {
    server.rooms().add(room.roomId(), "12");
    server.rooms().put(room.roomId(), member(ALICE, ALICE, "join"));
    ObjectNode body = Json.object().put("user_id", bob.value());
    String path = "/rooms/" + room.roomId() + "/invite";
    post(path, body).ok();
    ChangeMembership invite = (ChangeMembership) log.rooms().getFirst();
    assertThat(invite.remoteTarget()).isTrue();
    log.failNext(Failure.REMOTE_REFUSED, "not today");
    Reply refused = post(path, body);
    refused.fails(403, "M_FORBIDDEN");
    assertThat(refused.json().path("error").asText()).isEqualTo("not today");
    log.failNext(Failure.REMOTE_REFUSED, "no answer from " + neighbour.name());
    post(path, body).fails(504, "M_UNKNOWN");
    server.speakWith(FederationPolicy.NONE);
    post(path, body).fails(403, "M_FORBIDDEN");
  }

  @Test
  void aNewRoomIsThereBeforeUsersOfOtherServersAreInvited() throws Exception {
    ObjectNode body = Json.object().put("is_direct", true);
    body.putArray("invite").add(bob.value()).add("@zoe:one.test");
    post("/createRoom", body).ok();
    RoomCommand.CreateRoom create = (RoomCommand.CreateRoom) log.rooms().getFirst();
    assertThat(create.events())
        .extracting(RoomCommand.Draft::stateKey)
        .contains("@zoe:one.test")
        .doesNotContain(bob.value());
    ChangeMembership invite = (ChangeMembership) log.rooms().get(1);
    assertThat(invite.target()).isEqualTo(bob);
    assertThat(invite.content().path("is_direct").asBoolean()).isTrue();
  }

  // Keys and messages

  @Test
  void claimsKeysOfUsersOfOtherServers() throws Exception {
    neighbour.answer(
        "user",
        asked -> {
          ObjectNode answer = Json.object();
          ObjectNode keys = answer.putObject("one_time_keys");
          keys.putObject(bob.value())
              .putObject("D")
              .putObject("signed_curve25519:A")
              .put("key", "k");
          keys.withObjectProperty(bob.value()).putObject("UNASKED");
          keys.putObject("@zoe:one.test").putObject("D");
          return NeighbourServer.ok(answer);
        });
    other.refuse("user", 500, "M_UNKNOWN");
    ObjectNode body = Json.object();
    ObjectNode asked = body.putObject("one_time_keys");
    asked.putObject(bob.value()).put("D", "signed_curve25519");
    asked.putObject(other.user("x").value()).put("D", "signed_curve25519");
    JsonNode reply = post("/keys/claim", body).ok();
    assertThat(reply.path("one_time_keys").path(bob.value()).path("D").has("signed_curve25519:A"))
        .isTrue();
    assertThat(reply.path("one_time_keys").path(bob.value())).hasSize(1);
    assertThat(reply.path("one_time_keys")).hasSize(1);
    assertThat(reply.path("failures").has(other.name().value())).isTrue();
  }

  @Test
  void queuesMessagesToDevicesOfOtherServersUnderOneId() throws Exception {
    ObjectNode body = Json.object();
    body.putObject("messages").putObject(bob.value()).putObject("D").put("a", 1);
    send("PUT", "/sendToDevice/m.x/t1", body).ok();
    send("PUT", "/sendToDevice/m.x/t1", body).ok();
    send("PUT", "/sendToDevice/m.x/t2", body).ok();
    List<String> ids = new ArrayList<>();
    for (Object queued : log.ephemeral()) {
      QueueRecord.Edu edu = (QueueRecord.Edu) queued;
      assertThat(edu.eduType()).isEqualTo("m.direct_to_device");
      assertThat(edu.content().path("sender").asText()).isEqualTo(ALICE.value());
      ids.add(edu.content().path("message_id").asText());
    }
    assertThat(ids).hasSize(3);
    assertThat(ids.get(0)).isEqualTo(ids.get(1)).hasSize(32).isNotEqualTo(ids.get(2));
  }

  // Building blocks

  private ObjectNode member(UserId sender, UserId user, String membership) {
    ObjectNode event =
        Json.object()
            .put("type", "m.room.member")
            .put("room_id", room.roomId().value())
            .put("sender", sender.value())
            .put("state_key", user.value())
            .put("origin_server_ts", 1_790_000_000_000L)
            .put("depth", 10);
    event.putArray("prev_events").add(room.extremities().getFirst().value());
    event.putArray("auth_events").add(room.create().id().value());
    event.putObject("content").put("membership", membership);
    return event;
  }

  private Reply join(String query) throws Exception {
    return post("/join/" + room.roomId() + query, Json.object());
  }

  private Reply post(String path, ObjectNode body) throws Exception {
    return send("POST", path, body);
  }

  private Reply send(String method, String path, ObjectNode body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://" + base.getHost() + ":" + base.getPort() + V3 + path))
            .header("Authorization", "Bearer token")
            .method(method, HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }

  private String idOf(JsonNode pdu) {
    return EventHashes.pdu((ObjectNode) pdu, room.version()).id().value();
  }
}
