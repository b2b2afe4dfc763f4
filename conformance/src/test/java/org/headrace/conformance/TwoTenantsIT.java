package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;
import static org.headrace.conformance.client.Client.unique;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two server names in one process: their users are apart, and talk in one room. A third is closed
 * to both.
 */
class TwoTenantsIT {
  private static final String SECOND = "two.example";
  private static final String CLOSED = "closed.example";
  private static HeadraceProcess headrace;
  private static ValidatingProxy proxy;

  @BeforeAll
  static void startWithTwoTenants() throws IOException {
    Path data = Files.createTempDirectory("headrace-it-").resolve("data");
    HeadraceProcess.command(
        "tenant", "add", HeadraceProcess.SERVER_NAME, "--data", data.toString());
    HeadraceProcess.command("tenant", "add", SECOND, "--data", data.toString());
    HeadraceProcess.command("tenant", "policy-server", SECOND, "--on", "--data", data.toString());
    HeadraceProcess.command("tenant", "add", CLOSED, "--data", data.toString());
    HeadraceProcess.command("tenant", "federation", CLOSED, "--closed", "--data", data.toString());
    headrace = HeadraceProcess.startOn(data);
    proxy = ValidatingProxy.before(headrace.baseUrl(), SharedServer.validator());
  }

  @AfterAll
  static void stop() {
    proxy.close();
    headrace.close();
  }

  @AfterEach
  void everyResponseWasAsDeclared() {
    SharedServer.failOn(proxy.takeViolations());
  }

  private static Client first(String name) {
    return Client.nobodyAt(proxy.baseUrl(), HeadraceProcess.SERVER_NAME).register(unique(name));
  }

  private static Client second(String name) {
    return Client.nobodyAt(proxy.baseUrl(), SECOND).register(unique(name));
  }

  @Test
  void theHostDecidesWhereAnAccountIsMadeAndFound() {
    String name = unique("same");
    Client here = Client.nobodyAt(proxy.baseUrl(), HeadraceProcess.SERVER_NAME).register(name);
    Client there = Client.nobodyAt(proxy.baseUrl(), SECOND).register(name);
    assertThat(here.userId()).isEqualTo("@" + name + ":" + HeadraceProcess.SERVER_NAME);
    assertThat(there.userId()).isEqualTo("@" + name + ":" + SECOND);
    assertThat(here.login().userId()).isEqualTo(here.userId());
    assertThat(there.login().userId()).isEqualTo(there.userId());
    Client elsewhere = Client.nobodyAt(proxy.baseUrl(), SECOND).withToken(here.token());
    assertThat(elsewhere.get(V3 + "/account/whoami").ok().path("user_id").asText())
        .isEqualTo(here.userId());
    String only = unique("only");
    Client.nobodyAt(proxy.baseUrl(), SECOND).register(only);
    Client.nobodyAt(proxy.baseUrl(), HeadraceProcess.SERVER_NAME)
        .loginRequest(only, Client.password(only))
        .fails(403, "M_FORBIDDEN");
  }

  @Test
  void usersOfBothTalkInOneRoom() {
    for (String version : List.of("10", "11", "12")) {
      Client alice = first("alice");
      Client bob = second("bob");
      String room =
          alice.createRoom("preset", "private_chat", "name", "Across", "room_version", version);
      bob.sync();
      bob.membership("join", room).fails(403, "M_FORBIDDEN");
      alice.invite(room, bob);
      bob.syncUntil("the invite", sync -> sync.at("/rooms/invite").has(room));
      bob.join(room);
      alice.syncUntil("bob's join", sync -> timeline(sync, room).toString().contains(bob.userId()));
      String fromAlice = alice.say(room, "hello over there");
      String fromBob = bob.say(room, "hello over here");
      for (Client each : List.of(alice, bob)) {
        JsonNode chunk = Json.messages(each.messages(room, "dir=b&limit=20").ok().path("chunk"));
        assertThat(Json.each(chunk, "event_id")).containsExactly(fromBob, fromAlice);
        assertThat(Json.each(chunk, "sender")).containsExactly(bob.userId(), alice.userId());
      }
      bob.syncUntil("alice's message", sync -> timeline(sync, room).toString().contains(fromAlice));
      bob.put(path(V3 + "/rooms/{}/redact/{}/{}", room, fromBob, unique("r")), Json.object()).ok();
      assertThat(alice.get(path(V3 + "/rooms/{}/event/{}", room, fromBob)).ok().path("content"))
          .isEmpty();
      bob.put(path(V3 + "/rooms/{}/redact/{}/{}", room, fromAlice, unique("r")), Json.object())
          .fails(403, "M_FORBIDDEN");
      alice.membership("kick", room, "user_id", bob.userId()).ok();
      bob.send(room, "m.room.message", unique("t"), Client.text("x")).fails(403, "M_FORBIDDEN");
    }
  }

  @Test
  void deviceKeysAndToDeviceMessagesCross() {
    Client alice = first("alice");
    Client bob = second("bob");
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    alice.sync();
    bob.sync();
    String device = bob.deviceId();
    bob.post(
            V3 + "/keys/upload",
            Json.object(
                "device_keys",
                Map.of(
                    "user_id", bob.userId(),
                    "device_id", device,
                    "algorithms", List.of("m.megolm.v1.aes-sha2"),
                    "keys", Map.of("ed25519:" + device, "E".repeat(43)),
                    "signatures",
                        Map.of(bob.userId(), Map.of("ed25519:" + device, "S".repeat(86)))),
                "one_time_keys",
                Map.of("curve25519:a", "K".repeat(43))))
        .ok();
    alice.syncUntil(
        "bob as changed",
        sync -> sync.at("/device_lists/changed").toString().contains(bob.userId()));
    assertThat(
            alice
                .post(
                    V3 + "/keys/query", Json.object("device_keys", Map.of(bob.userId(), List.of())))
                .ok()
                .path("device_keys")
                .path(bob.userId())
                .has(device))
        .isTrue();
    assertThat(
            alice
                .post(
                    V3 + "/keys/claim",
                    Json.object(
                        "one_time_keys", Map.of(bob.userId(), Map.of(device, "curve25519"))))
                .ok()
                .path("one_time_keys")
                .path(bob.userId())
                .path(device)
                .has("curve25519:a"))
        .isTrue();
    alice
        .put(
            path(V3 + "/sendToDevice/{}/{}", "org.example.x", unique("t")),
            Json.object("messages", Map.of(bob.userId(), Map.of(device, Map.of("n", 1)))))
        .ok();
    JsonNode sync =
        bob.syncUntil("the to-device message", each -> !each.at("/to_device/events").isEmpty());
    assertThat(sync.at("/to_device/events").get(0).path("sender").asText())
        .isEqualTo(alice.userId());
  }

  @Test
  void typingReceiptsAndProfilesCross() {
    Client alice = first("alice");
    Client bob = second("bob");
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    String said = alice.say(room, "read me");
    alice.sync();
    bob.put(
            path(V3 + "/rooms/{}/typing/{}", room, bob.userId()),
            Json.object("typing", true, "timeout", 20000))
        .ok();
    alice.syncUntil("bob typing", sync -> ephemeral(sync, room).contains("m.typing"));
    bob.post(path(V3 + "/rooms/{}/receipt/m.read/{}", room, said), Json.object()).ok();
    alice.syncUntil("bob's receipt", sync -> ephemeral(sync, room).contains("m.receipt"));
    bob.put(
            path(V3 + "/profile/{}/displayname", bob.userId()),
            Json.object("displayname", "Bob of Two"))
        .ok();
    assertThat(alice.get(path(V3 + "/profile/{}", bob.userId())).ok().path("displayname").asText())
        .isEqualTo("Bob of Two");
    alice.syncUntil(
        "bob's name in the room", sync -> timeline(sync, room).toString().contains("Bob of Two"));
  }

  @Test
  void aliasesBelongToTheirTenant() {
    Client alice = first("alice");
    Client bob = second("bob");
    String room = bob.createRoom("preset", "public_chat");
    String local = unique("alias");
    String alias = "#" + local + ":" + SECOND;
    assertThat(
            alice
                .put(path(V3 + "/directory/room/{}", alias), Json.object("room_id", room))
                .status())
        .isEqualTo(400);
    bob.put(path(V3 + "/directory/room/{}", alias), Json.object("room_id", room)).ok();
    assertThat(alice.get(path(V3 + "/directory/room/{}", alias)).ok().path("room_id").asText())
        .isEqualTo(room);
    assertThat(
            alice.post(path(V3 + "/join/{}", alias), Json.object()).ok().path("room_id").asText())
        .isEqualTo(room);
    String same = "#" + local + ":" + HeadraceProcess.SERVER_NAME;
    alice.get(path(V3 + "/directory/room/{}", same)).fails(404, "M_NOT_FOUND");
  }

  @Test
  void aClosedTenantAndItsNeighboursDoNotReachEachOther() {
    Client alice = first("alice");
    Client eve = Client.nobodyAt(proxy.baseUrl(), CLOSED).register(unique("eve"));
    for (List<Client> pair : List.of(List.of(alice, eve), List.of(eve, alice))) {
      Client asks = pair.getFirst();
      String asked = pair.getLast().userId();
      asks.get(path(V3 + "/profile/{}", asked)).fails(403, "M_FORBIDDEN");
      JsonNode keys =
          asks.post(V3 + "/keys/query", Json.object("device_keys", Map.of(asked, List.of()))).ok();
      assertThat(keys.path("device_keys")).isEmpty();
      assertThat(keys.path("failures").has(pair.getLast().serverName())).isTrue();
      asks.membership("invite", asks.createRoom(), "user_id", asked).fails(403, "M_FORBIDDEN");
      String room = pair.getLast().createRoom("preset", "public_chat");
      asks.membership("join", room).fails(404, "M_NOT_FOUND");
    }
    Client dave = Client.nobodyAt(proxy.baseUrl(), CLOSED).register(unique("dave"));
    dave.get(path(V3 + "/profile/{}", eve.userId())).ok();
    dave.join(eve.createRoom("preset", "public_chat"));
    Client.nobodyAt(proxy.baseUrl(), CLOSED).get(path(V3 + "/profile/{}", eve.userId())).ok();
    Client.nobodyAt(proxy.baseUrl(), SECOND)
        .get(path(V3 + "/profile/{}", eve.userId()))
        .fails(403, "M_FORBIDDEN");
  }

  @Test
  void aTenantThatIsAPolicyServerSignsForBoth() {
    String wellKnown = "/.well-known/matrix/policy_server";
    String key =
        Client.nobodyAt(proxy.baseUrl(), SECOND)
            .get(wellKnown)
            .ok()
            .at("/public_keys/ed25519")
            .asText();
    assertThat(Client.nobodyAt(proxy.baseUrl(), CLOSED).get(wellKnown).status()).isEqualTo(404);
    Client alice = first("alice");
    Client bob = second("bob");
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    choosePolicyServer(alice, room, key);
    String fromAlice = alice.say(room, "recommended");
    String fromBob = bob.say(room, "recommended too");
    JsonNode chunk = Json.messages(bob.messages(room, "dir=b&limit=20").ok().path("chunk"));
    assertThat(Json.each(chunk, "event_id")).containsExactly(fromBob, fromAlice);
    choosePolicyServer(alice, room, "A".repeat(43));
    alice
        .send(room, "m.room.message", unique("t"), Client.text("another key"))
        .fails(403, "M_FORBIDDEN");
    alice.state(room, "m.room.policy", "", Json.object()).ok();
    alice.say(room, "nobody is asked");
  }

  private static void choosePolicyServer(Client by, String room, String key) {
    by.state(
            room,
            "m.room.policy",
            "",
            Json.object("via", SECOND, "public_keys", Map.of("ed25519", key)))
        .ok();
  }

  private static JsonNode timeline(JsonNode sync, String room) {
    return sync.at("/rooms/join").path(room).at("/timeline/events");
  }

  private static String ephemeral(JsonNode sync, String room) {
    return sync.at("/rooms/join").path(room).at("/ephemeral/events").toString();
  }
}
