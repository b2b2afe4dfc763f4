package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invites of identifiers that have found their users: from other servers, and to them. */
@QuarkusTest
class ThirdPartyInviteTest {
  private static final Neighbour REMOTE = Neighbour.of("thirdparty.test", 17);
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final UserId CAROL = new UserId("@carol:thirdparty.test");
  private static final String V1 = "/_matrix/federation/v1";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;

  private RoomBuilder room;

  private record Reply(int status, JsonNode json) {
    void fails(int expected, String errcode) {
      assertThat(status).as(json.toString()).isEqualTo(expected);
      assertThat(json.path("errcode").asText()).isEqualTo(errcode);
    }

    void ok() {
      assertThat(status).as(json.toString()).isEqualTo(200);
      assertThat(json).isEqualTo(Json.object());
    }
  }

  @BeforeEach
  void prepare() {
    log.reset();
    server.speakWith(FederationPolicy.OPEN);
    server.know(REMOTE);
    account(ALICE);
    server.rooms().clear();
    room = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    server.rooms().load(room);
  }

  private void account(UserId user) {
    server
        .accounts()
        .accounts
        .put(user, new AccountsView.Account(user, "hash", Position.ofOffset(7), false, 0));
  }

  // Another server's user was invited by one of ours

  @Test
  void theInviteIsMadeByTheInvitersServer() throws Exception {
    exchange(FakeServer.ONE, room.roomId(), event()).ok();
    RoomCommand.ChangeMembership command = (RoomCommand.ChangeMembership) log.rooms().getFirst();
    assertThat(log.rooms()).hasSize(1);
    assertThat(command.sender()).isEqualTo(ALICE);
    assertThat(command.target()).isEqualTo(CAROL);
    assertThat(command.action()).isEqualTo(RoomCommand.Action.INVITE);
    assertThat(command.remoteTarget()).isTrue();
    assertThat(command.content().path("third_party_invite"))
        .isEqualTo(event().path("content").path("third_party_invite"));
  }

  @Test
  void whatIsNoThirdPartyInviteOfTheirUserIsRefused() throws Exception {
    refused(event -> event.put("type", "m.room.topic"));
    refused(event -> event.put("room_id", "!other"));
    refused(event -> event.put("sender", "@zoe:elsewhere.test"));
    refused(event -> event.put("state_key", "@zoe:elsewhere.test"));
    refused(event -> event.put("state_key", "nobody"));
    refused(event -> ((ObjectNode) event.path("content")).put("membership", "join"));
    refused(event -> ((ObjectNode) event.path("content")).remove("third_party_invite"));
    refused(event -> ((ObjectNode) event.path("content")).put("third_party_invite", 5));
    ObjectNode bare = Json.object();
    assertThat(exchange(FakeServer.ONE, room.roomId(), bare).status()).isEqualTo(400);
    assertThat(log.rooms()).isEmpty();
  }

  private void refused(Consumer<ObjectNode> change) throws Exception {
    ObjectNode event = event();
    change.accept(event);
    exchange(FakeServer.ONE, room.roomId(), event).fails(400, "M_INVALID_PARAM");
  }

  @Test
  void onlyATenantThatIsInTheRoomInvites() throws Exception {
    exchange(FakeServer.CLOSED, room.roomId(), event()).fails(404, "M_NOT_FOUND");
    exchange(FakeServer.ONE, new RoomId("!unknown"), event()).fails(404, "M_NOT_FOUND");
    ObjectNode acl = Json.object();
    acl.putArray("allow").add("one.test");
    room.state(ALICE, "m.room.server_acl", "", acl);
    server.rooms().load(room);
    exchange(FakeServer.ONE, room.roomId(), event()).fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void theRoomMayRefuseTheInvite() throws Exception {
    log.failNext(Failure.FORBIDDEN);
    exchange(FakeServer.ONE, room.roomId(), event()).fails(403, "M_FORBIDDEN");
  }

  private Reply exchange(ServerName tenant, RoomId of, ObjectNode event) throws Exception {
    return reply(
        REMOTE.send("PUT", base, V1 + "/exchange_third_party_invite/" + of, tenant, event));
  }

  private ObjectNode event() {
    ObjectNode event = Json.object();
    event.put("type", "m.room.member").put("room_id", room.roomId().value());
    event.put("sender", ALICE.value()).put("state_key", CAROL.value());
    ObjectNode invite =
        event.putObject("content").put("membership", "invite").putObject("third_party_invite");
    invite.put("display_name", "carol").set("signed", signed(CAROL));
    return event;
  }

  // An identifier was bound to one of our users

  @Test
  void theInvitersServerIsAskedForTheInvite() throws Exception {
    try (NeighbourServer inviter = FakeServer.neighbour(41)) {
      inviter.answer("exchange_third_party_invite", asked -> NeighbourServer.ok(Json.object()));
      RoomId theirs = new RoomId("!theirs");
      bind(ALICE, invite(theirs, inviter.user("zoe"), ALICE)).ok();
      assertThat(inviter.asked("exchange_third_party_invite")).isEqualTo(1);
      JsonNode sent =
          Json.parse(inviter.requests().getLast().body().getBytes(StandardCharsets.UTF_8));
      assertThat(sent.path("type").asText()).isEqualTo("m.room.member");
      assertThat(sent.path("room_id").asText()).isEqualTo(theirs.value());
      assertThat(sent.path("sender").asText()).isEqualTo(inviter.user("zoe").value());
      assertThat(sent.path("state_key").asText()).isEqualTo(ALICE.value());
      assertThat(sent.path("content").path("membership").asText()).isEqualTo("invite");
      assertThat(sent.path("content").path("third_party_invite").path("signed"))
          .isEqualTo(signed(ALICE));
      // That it refuses, or is away, is not the identity server's business.
      inviter.refuse("exchange_third_party_invite", 403, "M_FORBIDDEN");
      bind(ALICE, invite(theirs, inviter.user("zoe"), ALICE)).ok();
    }
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void aHostedInviterNeedsNoNetwork() throws Exception {
    UserId dora = new UserId("@dora:closed.test");
    account(dora);
    bind(dora, invite(room.roomId(), ALICE, dora), invite(new RoomId("!elsewhere"), ALICE, dora))
        .ok();
    assertThat(log.rooms())
        .singleElement()
        .isInstanceOfSatisfying(
            RoomCommand.ChangeMembership.class,
            command -> {
              assertThat(command.sender()).isEqualTo(ALICE);
              assertThat(command.target()).isEqualTo(dora);
              assertThat(command.remoteTarget()).isFalse();
            });
  }

  @Test
  void aNotificationThatIsWrongInAnythingDoesNothing() throws Exception {
    UserId nobody = new UserId("@nobody:one.test");
    bind(nobody, invite(room.roomId(), ALICE, nobody)).fails(404, "M_NOT_FOUND");
    bind(CAROL, invite(room.roomId(), ALICE, CAROL)).fails(404, "M_NOT_FOUND");
    UserId erin = new UserId("@erin:one.test");
    account(erin);
    bind(erin, invite(room.roomId(), ALICE, erin), invite(room.roomId(), ALICE, CAROL))
        .fails(400, "M_INVALID_PARAM");
    ObjectNode noRoom = invite(room.roomId(), ALICE, erin).put("room_id", "x");
    bind(erin, invite(room.roomId(), ALICE, erin), noRoom).fails(400, "M_INVALID_PARAM");
    assertThat(put(Json.object()).status()).isEqualTo(400);
    assertThat(put(Json.object().put("mxid", ALICE.value()).put("invites", 5)).status())
        .isEqualTo(400);
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void oneUserIsNotNotifiedWithoutEnd() throws Exception {
    UserId frank = new UserId("@frank:one.test");
    account(frank);
    Reply last = bind(frank);
    for (int i = 0; i < 200 && last.status() == 200; i++) {
      last = bind(frank);
    }
    last.fails(429, "M_LIMIT_EXCEEDED");
    bind(ALICE).ok();
  }

  private Reply bind(UserId user, ObjectNode... invites) throws Exception {
    ObjectNode body = Json.object();
    body.put("medium", "email").put("address", "a@b.test").put("mxid", user.value());
    ArrayNode array = body.putArray("invites");
    List.of(invites).forEach(array::add);
    return put(body);
  }

  private Reply put(ObjectNode body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(V1 + "/3pid/onbind"))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
            .build();
    return reply(HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()));
  }

  private static ObjectNode invite(RoomId room, UserId sender, UserId user) {
    ObjectNode invite = Json.object();
    invite.put("medium", "email").put("address", "a@b.test").put("mxid", user.value());
    invite.put("room_id", room.value()).put("sender", sender.value());
    invite.set("signed", signed(user));
    return invite;
  }

  private static ObjectNode signed(UserId user) {
    ObjectNode signed = Json.object().put("mxid", user.value()).put("token", "secret");
    signed.putObject("signatures").putObject("id.test").put("ed25519:0", "c2ln");
    return signed;
  }

  private static Reply reply(HttpResponse<byte[]> response) {
    return new Reply(response.statusCode(), Json.parse(response.body()));
  }
}
