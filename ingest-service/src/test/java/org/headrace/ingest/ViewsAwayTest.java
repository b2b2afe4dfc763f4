package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which writes become commands while no view can be read (ADR 7). */
@QuarkusTest
class ViewsAwayTest {
  private static final String V3 = "/_matrix/client/v3";
  private static final UserId DORA = new UserId("@dora:one.test");
  private static final RoomId ROOM = new RoomId("!known");

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;

  private final HttpClient http = HttpClient.newHttpClient();

  private record Reply(int status, JsonNode json) {
    String errcode() {
      return json.path("errcode").asText();
    }
  }

  /** Dora was typing in a room when the views went away. */
  @BeforeEach
  void goAway() throws Exception {
    log.reset();
    server.accounts().addSession("dora", DORA, "PHONE");
    TreeMap<String, String> profile = new TreeMap<>();
    profile.put("displayname", "Dora");
    server.accounts().profiles.put(DORA, profile);
    server.rooms().clear();
    server.rooms().add(ROOM, "12");
    server.rooms().put(ROOM, member(DORA));
    assertThat(send("PUT", "/rooms/!known/typing/@dora:one.test", "{\"typing\":true}").status())
        .isEqualTo(200);
    log.reset();
    server.sessions().heardAll(System.nanoTime());
    server.viewsAway(true);
  }

  @AfterEach
  void comeBack() {
    server.viewsAway(false);
    server.viewAway("");
    server.accounts().sessions.clear();
  }

  private static ObjectNode member(UserId user) {
    ObjectNode event = Json.object().put("type", "m.room.member").put("sender", user.value());
    event.put("state_key", user.value()).putObject("content").put("membership", "join");
    return event;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT  | /rooms/!known/send/m.room.message/t | {\"body\":\"hi\"}",
        "PUT  | /rooms/!known/send/m.room.encrypted/t | {\"ciphertext\":\"x\"}",
        "PUT  | /rooms/!known/state/m.room.topic | {\"topic\":\"t\"}",
        "PUT  | /rooms/!known/state/m.room.member/@dora:one.test | {\"membership\":\"join\"}",
        "PUT  | /rooms/!known/redact/$e/t | {}",
        "PUT  | /rooms/!known/typing/@dora:one.test | {\"typing\":true}",
        "POST | /rooms/!known/receipt/m.read/$e | {}",
        "POST | /rooms/!known/read_markers | {\"m.fully_read\":\"$e\"}",
        "POST | /rooms/!known/invite | {\"user_id\":\"@bob:one.test\"}",
        "POST | /rooms/!known/kick | {\"user_id\":\"@bob:one.test\"}",
        "POST | /rooms/!known/ban | {\"user_id\":\"@bob:one.test\"}",
        "POST | /rooms/!known/leave | {}",
        "POST | /rooms/!known/join | {}",
        "POST | /join/!known | {}",
        "POST | /createRoom | {\"name\":\"N\",\"invite\":[\"@bob:one.test\"]}",
        "PUT  | /user/@dora:one.test/account_data/m.direct | {}",
        "PUT  | /sendToDevice/m.x/t | {\"messages\":{\"@bob:one.test\":{\"*\":{}}}}",
        "POST | /keys/upload | {}",
        "POST | /keys/claim |"
            + " {\"one_time_keys\":{\"@bob:one.test\":{\"D\":\"signed_curve25519\"}}}",
        "PUT  | /profile/@dora:one.test/displayname | {\"displayname\":\"D\"}",
        "POST | /user/@dora:one.test/filter | {}",
        "POST | /logout | {}",
      })
  void isTaken(String method, String path, String body) throws Exception {
    Reply reply = send(method, path, body);
    assertThat(reply.status()).as(reply.json().toString()).isEqualTo(200);
    assertThat(log.rooms().size() + log.accounts().size() + log.ephemeral().size()).isPositive();
  }

  /** What wants a view that says something new is to be repeated, and changes nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /join/%23alias:one.test | {}",
        "POST | /createRoom | {\"room_alias_name\":\"pub\"}",
        "PUT  | /rooms/!known/state/m.room.canonical_alias | {\"alias\":\"#pub:one.test\"}",
        "PUT  | /rooms/!never/send/m.room.message/t | {\"body\":\"hi\"}",
        "PUT  | /rooms/!never/typing/@dora:one.test | {\"typing\":true}",
        "POST | /rooms/!never/receipt/m.read/$e | {}",
        "PUT  | /devices/PHONE | {\"display_name\":\"x\"}",
        "POST | /login | {\"type\":\"m.login.password\",\"password\":\"x\",\"user\":\"dora\"}",
      })
  void isToBeRepeated(String method, String path, String body) throws Exception {
    Reply reply = send(method, path, body);
    assertThat(reply.status()).as(reply.json().toString()).isEqualTo(503);
    assertThat(reply.errcode()).isEqualTo("M_UNKNOWN");
    assertThat(reply.json().path("error").asText()).contains("repeat");
    assertThat(log.rooms()).isEmpty();
    assertThat(log.accounts()).isEmpty();
    assertThat(log.ephemeral()).isEmpty();
  }

  /** Whom nobody has seen lately may have a session: that it is unknown would be wrong. */
  @Test
  void aTokenThatNobodyKnowsIsNotRefused() throws Exception {
    assertThat(send("PUT", "/rooms/!known/send/m.x/t", "{}", "other").status()).isEqualTo(503);
  }

  @Test
  void whoHasLoggedOutIsRefused() throws Exception {
    server.viewsAway(false);
    server.accounts().addSession("tablet", DORA, "TABLET");
    String path = "/rooms/!known/send/m.x/";
    assertThat(send("PUT", path + "t0", "{}", "tablet").status()).isEqualTo(200);
    server.viewsAway(true);
    assertThat(send("PUT", path + "t1", "{}", "tablet").status()).isEqualTo(200);
    server
        .sessions()
        .heard(
            new AccountRecord.DevicesDeleted(
                Position.ofOffset(1),
                DORA.value(),
                "c",
                true,
                DORA,
                List.of(new DeviceId("TABLET"))));
    Reply refused = send("PUT", path + "t2", "{}", "tablet");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.errcode()).isEqualTo("M_UNKNOWN_TOKEN");
  }

  /** Whether the room would let the user in through another server, only the views could say. */
  @ParameterizedTest
  @CsvSource({"join, NOT_FOUND", "join, FORBIDDEN", "leave, NOT_FOUND", "knock, NOT_FOUND"})
  void aRefusalThatViewsMightHaveAvertedIsToBeRepeated(String action, Failure failure)
      throws Exception {
    log.failNext(failure);
    String path = action.equals("knock") ? "/knock/!known" : "/rooms/!known/" + action;
    assertThat(send("POST", path, "{}").status()).isEqualTo(503);
    assertThat(log.rooms().getFirst()).isInstanceOf(RoomCommand.ChangeMembership.class);
  }

  /**
   * That this process saw the user in a room lately is no evidence of it: who was banned there
   * since would come in by it.
   */
  @Test
  void whatWasKnownLatelyIsNoEvidenceForARestrictedRoom() throws Exception {
    server.viewsAway(false);
    RoomId club = new RoomId("!club");
    server.rooms().add(club, "12");
    ObjectNode rules = Json.object().put("type", "m.room.join_rules").put("state_key", "");
    rules
        .putObject("content")
        .put("join_rule", "restricted")
        .putArray("allow")
        .addObject()
        .put("type", "m.room_membership")
        .put("room_id", ROOM.value());
    server.rooms().put(club, rules);
    server.rooms().put(club, member(new UserId("@zoe:one.test")));
    server.viewAway("membership");
    log.failNext(Failure.FORBIDDEN);
    assertThat(send("POST", "/rooms/!club/join", "{}").status())
        .as("what the evidence might have averted")
        .isEqualTo(503);
    assertThat(((RoomCommand.ChangeMembership) log.rooms().getFirst()).restrictedEvidence())
        .isEmpty();
    server.viewAway("");
    assertThat(send("POST", "/rooms/!club/join", "{}").status()).isEqualTo(200);
    assertThat(((RoomCommand.ChangeMembership) log.rooms().getLast()).restrictedEvidence())
        .containsExactly(ROOM);
  }

  @Test
  void aKickByStateIsKnownFromABanOfThisProcess() throws Exception {
    String path = "/rooms/!known/state/m.room.member/@bob:one.test";
    assertThat(send("POST", "/rooms/!known/ban", "{\"user_id\":\"@bob:one.test\"}").status())
        .isEqualTo(200);
    assertThat(send("PUT", path, "{\"membership\":\"leave\"}").status()).isEqualTo(200);
    assertThat(((RoomCommand.ChangeMembership) log.rooms().getLast()).action())
        .isEqualTo(RoomCommand.Action.UNBAN);
  }

  private Reply send(String method, String path, String body) throws Exception {
    return send(method, path, body, "dora");
  }

  private Reply send(String method, String path, String body, String token) throws Exception {
    URI uri = URI.create("http://" + base.getHost() + ":" + base.getPort() + V3 + path);
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }
}
