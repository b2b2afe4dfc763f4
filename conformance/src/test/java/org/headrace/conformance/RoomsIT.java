package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;
import static org.headrace.conformance.client.Client.unique;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Making rooms, membership, sending, state, redaction, aliases. */
@ExtendWith(SharedServer.class)
class RoomsIT {
  private Client alice;
  private Client bob;
  private SharedServer.Server server;

  @BeforeEach
  void registerUsers(SharedServer.Server shared) {
    server = shared;
    alice = Client.register(shared.baseUrl(), "alice");
    bob = Client.register(shared.baseUrl(), "bob");
  }

  private static JsonNode event(Client client, String room, String id) {
    return client.get(path(V3 + "/rooms/{}/event/{}", room, id)).ok();
  }

  private static List<String> joined(Client client) {
    return StreamSupport.stream(
            client.get(V3 + "/joined_rooms").ok().path("joined_rooms").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "private_chat, invite, shared, can_join",
    "trusted_private_chat, invite, shared, can_join",
    "public_chat, public, shared, forbidden"
  })
  void presetsDecideTheFirstState(String preset, String joinRule, String history, String guests) {
    String room = alice.createRoom("preset", preset, "invite", List.of(bob.userId()));
    assertThat(alice.state(room, "m.room.join_rules", "").ok().path("join_rule").asText())
        .isEqualTo(joinRule);
    assertThat(
            alice
                .state(room, "m.room.history_visibility", "")
                .ok()
                .path("history_visibility")
                .asText())
        .isEqualTo(history);
    Reply guestAccess = alice.state(room, "m.room.guest_access", "");
    if (guestAccess.status() == 404) {
      assertThat(guests).as("what an absent event means").isEqualTo("forbidden");
    } else {
      assertThat(guestAccess.ok().path("guest_access").asText()).isEqualTo(guests);
    }
    assertThat(alice.state(room, "m.room.member", bob.userId()).ok().path("membership").asText())
        .isEqualTo("invite");
    JsonNode creators = alice.state(room, "m.room.create", "").ok().path("additional_creators");
    if (preset.equals("trusted_private_chat")) {
      assertThat(creators.toString()).contains(bob.userId());
    } else {
      assertThat(creators).isEmpty();
    }
  }

  @Test
  void visibilityDecidesThePreset() {
    String open = alice.createRoom("visibility", "public");
    String closed = alice.createRoom("visibility", "private");
    assertThat(alice.state(open, "m.room.join_rules", "").ok().path("join_rule").asText())
        .isEqualTo("public");
    assertThat(alice.state(closed, "m.room.join_rules", "").ok().path("join_rule").asText())
        .isEqualTo("invite");
  }

  @Test
  void createRoomTakesAllItsParameters() {
    String local = unique("made");
    String room =
        alice.createRoom(
            "name",
            "The Name",
            "topic",
            "The Topic",
            "room_alias_name",
            local,
            "preset",
            "public_chat",
            "creation_content",
            Map.of("m.federate", false, "org.example", "kept"),
            "initial_state",
            List.of(
                Map.of(
                    "type",
                    "m.room.history_visibility",
                    "content",
                    Map.of("history_visibility", "joined")),
                Map.of("type", "org.example.s", "state_key", "k", "content", Map.of("n", 1))),
            "power_level_content_override",
            Map.of("events_default", 10));
    assertThat(alice.state(room, "m.room.name", "").ok().path("name").asText())
        .isEqualTo("The Name");
    assertThat(alice.state(room, "m.room.topic", "").ok().path("topic").asText())
        .isEqualTo("The Topic");
    assertThat(
            alice
                .state(room, "m.room.history_visibility", "")
                .ok()
                .path("history_visibility")
                .asText())
        .isEqualTo("joined");
    assertThat(alice.state(room, "org.example.s", "k").ok().path("n").asInt()).isEqualTo(1);
    assertThat(alice.state(room, "m.room.power_levels", "").ok().path("events_default").asInt())
        .isEqualTo(10);
    JsonNode create = alice.state(room, "m.room.create", "").ok();
    assertThat(create.path("m.federate").asBoolean(true)).isFalse();
    assertThat(create.path("org.example").asText()).isEqualTo("kept");
    String alias = "#" + local + ":" + alice.serverName();
    assertThat(alice.state(room, "m.room.canonical_alias", "").ok().path("alias").asText())
        .isEqualTo(alias);
    assertThat(alice.get(path(V3 + "/directory/room/{}", alias)).ok().path("room_id").asText())
        .isEqualTo(room);
    alice
        .post(V3 + "/createRoom", Json.object("room_alias_name", local))
        .fails(400, "M_ROOM_IN_USE");
  }

  @Test
  void aSummaryIsForWhoMaySeeTheRoom() {
    String local = unique("sum");
    String open =
        alice.createRoom("preset", "public_chat", "name", "Open", "room_alias_name", local);
    String alias = "#" + local + ":" + alice.serverName();
    for (String asked : List.of(open, alias)) {
      JsonNode summary = bob.get(path("/_matrix/client/v1/room_summary/{}", asked)).ok();
      assertThat(summary.path("room_id").asText()).isEqualTo(open);
      assertThat(summary.path("name").asText()).isEqualTo("Open");
      assertThat(summary.path("join_rule").asText()).isEqualTo("public");
      assertThat(summary.has("membership")).isFalse();
      assertThat(summary.has("children_state")).isFalse();
    }
    String closed = alice.createRoom("preset", "private_chat");
    String path = path("/_matrix/client/v1/room_summary/{}", closed);
    assertThat(alice.get(path).ok().path("membership").asText()).isEqualTo("join");
    bob.get(path).fails(404, "M_NOT_FOUND");
    alice.invite(closed, bob);
    assertThat(bob.get(path).ok().path("membership").asText()).isEqualTo("invite");
  }

  @Test
  void createRoomRefusesWhatItCannotMake() {
    alice
        .post(V3 + "/createRoom", Json.object("room_version", "no such"))
        .fails(400, "M_UNSUPPORTED_ROOM_VERSION");
    assertThat(alice.post(V3 + "/createRoom", Json.object("preset", "cosy")).status())
        .isEqualTo(400);
    assertThat(alice.post(V3 + "/createRoom", Json.object("invite", List.of("nobody"))).status())
        .isEqualTo(400);
    Reply notCreator =
        alice.post(
            V3 + "/createRoom",
            Json.object(
                "room_version",
                "12",
                "power_level_content_override",
                Map.of("users", Map.of(alice.userId(), 100))));
    assertThat(notCreator.status()).as(notCreator.toString()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12"})
  void everyRoomVersionCarriesAConversation(String version) {
    String room =
        alice.createRoom(
            "room_version", version, "preset", "private_chat", "invite", List.of(bob.userId()));
    JsonNode create = alice.state(room, "m.room.create", "").ok();
    assertThat(create.path("room_version").asText()).isEqualTo(version);
    assertThat(create.path("creator").asText())
        .isEqualTo(version.equals("10") ? alice.userId() : "");
    JsonNode powers = alice.state(room, "m.room.power_levels", "").ok().path("users");
    assertThat(powers.has(alice.userId())).isEqualTo(!version.equals("12"));
    if (version.equals("12")) {
      assertThat(room).matches("![A-Za-z0-9_-]{43}");
      JsonNode state = alice.get(path(V3 + "/rooms/{}/state", room)).ok();
      assertThat(Json.where(state, "type", "m.room.create").getFirst().path("event_id").asText())
          .isEqualTo("$" + room.substring(1));
    } else {
      assertThat(room).endsWith(":" + alice.serverName());
    }
    bob.join(room);
    String said = bob.say(room, "hello");
    assertThat(event(alice, room, said).at("/content/body").asText()).isEqualTo("hello");
    alice.send(room, "m.room.message", unique("t"), Client.text("hi")).ok();
    String redaction =
        bob.put(path(V3 + "/rooms/{}/redact/{}/{}", room, said, unique("r")), Json.object())
            .ok()
            .path("event_id")
            .asText();
    assertThat(redaction).startsWith("$");
    assertThat(event(alice, room, said).path("content")).isEmpty();
  }

  @Test
  void equalRequestsMakeTwoRooms() {
    assertThat(alice.createRoom()).isNotEqualTo(alice.createRoom());
  }

  @Test
  void invitesAreSeenAcceptedAndRejected() {
    String room = alice.createRoom("name", "Inviting");
    bob.sync();
    bob.membership("join", room).fails(403, "M_FORBIDDEN");
    alice.invite(room, bob);
    JsonNode sync = bob.syncUntil("the invite", answer -> answer.at("/rooms/invite").has(room));
    JsonNode stripped = sync.at("/rooms/invite").path(room).at("/invite_state/events");
    assertThat(Json.each(stripped, "type"))
        .contains("m.room.member", "m.room.join_rules", "m.room.name", "m.room.create");
    assertThat(
            Json.where(stripped, "state_key", bob.userId())
                .getFirst()
                .at("/content/membership")
                .asText())
        .isEqualTo("invite");
    bob.membership("leave", room).ok();
    assertThat(alice.state(room, "m.room.member", bob.userId()).ok().path("membership").asText())
        .isEqualTo("leave");
    bob.membership("join", room).fails(403, "M_FORBIDDEN");
    alice.membership("invite", room, "user_id", bob.userId(), "reason", "please").ok();
    assertThat(alice.state(room, "m.room.member", bob.userId()).ok().path("reason").asText())
        .isEqualTo("please");
    JsonNode joined = bob.post(path(V3 + "/join/{}", room), Json.object()).ok();
    assertThat(joined.path("room_id").asText()).isEqualTo(room);
    assertThat(joined(bob)).containsExactly(room);
    alice.membership("invite", room, "user_id", bob.userId()).fails(403, "M_FORBIDDEN");
    bob.sync();
    bob.membership("leave", room).ok();
    assertThat(joined(bob)).isEmpty();
    bob.syncUntil("the room among the left", answer -> answer.at("/rooms/leave").has(room));
  }

  @Test
  void powerDecidesWhoMayKickAndBan() {
    Client carol = Client.register(server.baseUrl(), "carol");
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    carol.join(room);
    bob.membership("kick", room, "user_id", carol.userId()).fails(403, "M_FORBIDDEN");
    bob.membership("ban", room, "user_id", carol.userId()).fails(403, "M_FORBIDDEN");
    alice.membership("kick", room, "user_id", carol.userId(), "reason", "noise").ok();
    JsonNode kicked = alice.state(room, "m.room.member", carol.userId()).ok();
    assertThat(kicked.path("membership").asText()).isEqualTo("leave");
    assertThat(kicked.path("reason").asText()).isEqualTo("noise");
    carol.join(room);
    alice.membership("ban", room, "user_id", carol.userId()).ok();
    carol.membership("join", room).fails(403, "M_FORBIDDEN");
    carol.send(room, "m.room.message", "x", Client.text("x")).fails(403, "M_FORBIDDEN");
    alice.membership("invite", room, "user_id", carol.userId()).fails(403, "M_FORBIDDEN");
    bob.membership("unban", room, "user_id", carol.userId()).fails(403, "M_FORBIDDEN");
    alice.membership("unban", room, "user_id", carol.userId()).ok();
    assertThat(alice.state(room, "m.room.member", carol.userId()).ok().path("membership").asText())
        .isEqualTo("leave");
    carol.join(room);
    bob.membership("kick", room, "user_id", alice.userId()).fails(403, "M_FORBIDDEN");
    bob.membership("leave", room).ok();
    bob.send(room, "m.room.message", "x", Client.text("x")).fails(403, "M_FORBIDDEN");
  }

  @Test
  void roomsThatAreNotThereCannotBeJoined() {
    String nowhere = "!" + "A".repeat(43);
    Reply join = bob.post(path(V3 + "/join/{}", nowhere), Json.object());
    assertThat(join.status()).as(join.toString()).isIn(403, 404);
    bob.post(path(V3 + "/join/{}", "#" + unique("none") + ":" + bob.serverName()), Json.object())
        .fails(404, "M_NOT_FOUND");
    assertThat(bob.send(nowhere, "m.room.message", "1", Client.text("x")).status()).isIn(403, 404);
  }

  @Test
  void aTransactionIsDoneOnce() {
    String room = alice.createRoom("preset", "public_chat");
    alice.sync();
    String first =
        alice
            .send(room, "m.room.message", "same", Client.text("one"))
            .ok()
            .path("event_id")
            .asText();
    String again =
        alice
            .send(room, "m.room.message", "same", Client.text("one"))
            .ok()
            .path("event_id")
            .asText();
    assertThat(again).isEqualTo(first);
    Client phone = alice.login();
    String other =
        phone
            .send(room, "m.room.message", "same", Client.text("two"))
            .ok()
            .path("event_id")
            .asText();
    assertThat(other).isNotEqualTo(first);
    JsonNode chunk = alice.messages(room, "dir=b&limit=50").ok().path("chunk");
    assertThat(Json.each(Json.messages(chunk), "event_id")).containsExactly(other, first);
    assertThat(
            Json.where(chunk, "event_id", first).getFirst().at("/unsigned/transaction_id").asText())
        .isEqualTo("same");
    JsonNode phoneChunk = phone.messages(room, "dir=b&limit=50").ok().path("chunk");
    assertThat(
            Json.where(phoneChunk, "event_id", first)
                .getFirst()
                .at("/unsigned")
                .has("transaction_id"))
        .isFalse();
  }

  @Test
  void stateIsPutAndGot() {
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    Client stranger = Client.register(server.baseUrl(), "stranger");
    alice.state(room, "org.example.x", "").fails(404, "M_NOT_FOUND");
    String empty =
        alice.state(room, "org.example.x", "", Json.object("n", 1)).ok().path("event_id").asText();
    alice.state(room, "org.example.x", "key", Json.object("n", 2)).ok();
    assertThat(bob.state(room, "org.example.x", "").ok().path("n").asInt()).isEqualTo(1);
    assertThat(
            bob.get(path(V3 + "/rooms/{}/state/{}", room, "org.example.x")).ok().path("n").asInt())
        .isEqualTo(1);
    assertThat(bob.state(room, "org.example.x", "key").ok().path("n").asInt()).isEqualTo(2);
    JsonNode whole =
        bob.get(path(V3 + "/rooms/{}/state/{}?format=event", room, "org.example.x")).ok();
    assertThat(whole.path("event_id").asText()).isEqualTo(empty);
    bob.state(room, "org.example.x", "", Json.object("n", 3)).fails(403, "M_FORBIDDEN");
    stranger.state(room, "org.example.x", "").fails(403, "M_FORBIDDEN");
    stranger.get(path(V3 + "/rooms/{}/state", room)).fails(403, "M_FORBIDDEN");
    JsonNode all = bob.get(path(V3 + "/rooms/{}/state", room)).ok();
    assertThat(Json.where(all, "type", "org.example.x")).hasSize(2);
    assertThat(Json.where(all, "type", "m.room.member")).hasSize(2);
    alice.state(room, "org.example.y", bob.userId(), Json.object()).fails(403, "M_FORBIDDEN");
  }

  @Test
  void whoLeftSeesTheStateOfThen() {
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    alice.state(room, "m.room.name", "", Json.object("name", "before")).ok();
    bob.membership("leave", room).ok();
    alice.state(room, "m.room.name", "", Json.object("name", "after")).ok();
    assertThat(bob.state(room, "m.room.name", "").ok().path("name").asText()).isEqualTo("before");
    assertThat(alice.state(room, "m.room.name", "").ok().path("name").asText()).isEqualTo("after");
  }

  @Test
  void powerLevelsMayNotBeRaisedAboveOnesOwn() {
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    var powers =
        (com.fasterxml.jackson.databind.node.ObjectNode)
            alice.state(room, "m.room.power_levels", "").ok();
    powers.withObject("users").put(bob.userId(), 50);
    alice.state(room, "m.room.power_levels", "", powers).ok();
    bob.state(room, "m.room.name", "", Json.object("name", "by bob")).ok();
    powers.withObject("users").put(bob.userId(), 60);
    bob.state(room, "m.room.power_levels", "", powers).fails(403, "M_FORBIDDEN");
    powers.withObject("users").put(bob.userId(), "many");
    assertThat(alice.state(room, "m.room.power_levels", "", powers).status()).isIn(400, 403);
  }

  @Test
  void aRedactionHidesTheContentEverywhere() {
    String room = alice.createRoom("preset", "public_chat");
    bob.join(room);
    String secret = bob.say(room, "a secret");
    String kept = alice.say(room, "kept");
    alice.sync();
    bob.put(path(V3 + "/rooms/{}/redact/{}/{}", room, kept, unique("r")), Json.object())
        .fails(403, "M_FORBIDDEN");
    String redact = path(V3 + "/rooms/{}/redact/{}/{}", room, secret, "red-1");
    String redaction =
        alice.put(redact, Json.object("reason", "why")).ok().path("event_id").asText();
    assertThat(alice.put(redact, Json.object("reason", "why")).ok().path("event_id").asText())
        .isEqualTo(redaction);
    JsonNode gone = event(bob, room, secret);
    assertThat(gone.path("content")).isEmpty();
    assertThat(gone.at("/unsigned/redacted_because/event_id").asText()).isEqualTo(redaction);
    JsonNode chunk = bob.messages(room, "dir=b&limit=50").ok().path("chunk");
    assertThat(chunk.toString()).doesNotContain("a secret").contains("kept");
    Client fresh = alice.login();
    assertThat(fresh.sync().toString()).doesNotContain("a secret");
    JsonNode told =
        alice.syncUntil(
            "the redaction",
            sync ->
                !Json.where(
                        sync.at("/rooms/join").path(room).at("/timeline/events"),
                        "event_id",
                        redaction)
                    .isEmpty());
    JsonNode seen =
        Json.where(told.at("/rooms/join").path(room).at("/timeline/events"), "event_id", redaction)
            .getFirst();
    assertThat(seen.at("/content/redacts").asText()).isEqualTo(secret);
    assertThat(seen.at("/content/reason").asText()).isEqualTo("why");
  }

  @Test
  void eventsAreForThoseWhoMaySeeThem() {
    String room = alice.createRoom("preset", "private_chat");
    String said = alice.say(room, "inside");
    JsonNode got = event(alice, room, said);
    assertThat(got.path("room_id").asText()).isEqualTo(room);
    assertThat(got.path("sender").asText()).isEqualTo(alice.userId());
    assertThat(got.path("origin_server_ts").asLong()).isPositive();
    Reply foreign = bob.get(path(V3 + "/rooms/{}/event/{}", room, said));
    assertThat(foreign.status()).isIn(403, 404);
    alice
        .get(path(V3 + "/rooms/{}/event/{}", room, "$" + "A".repeat(43)))
        .fails(404, "M_NOT_FOUND");
    String elsewhere = alice.createRoom();
    alice.get(path(V3 + "/rooms/{}/event/{}", elsewhere, said)).fails(404, "M_NOT_FOUND");
  }

  @Test
  void membersAreListedByMembership() {
    String room = alice.createRoom("preset", "public_chat");
    Client carol = Client.register(server.baseUrl(), "carol");
    bob.join(room);
    carol.join(room);
    carol.membership("leave", room).ok();
    String members = path(V3 + "/rooms/{}/members", room);
    assertThat(keys(alice.get(members).ok()))
        .containsExactlyInAnyOrder(alice.userId(), bob.userId(), carol.userId());
    assertThat(keys(alice.get(members + "?membership=join").ok()))
        .containsExactlyInAnyOrder(alice.userId(), bob.userId());
    assertThat(keys(alice.get(members + "?not_membership=join").ok()))
        .containsExactly(carol.userId());
    Client.register(server.baseUrl(), "stranger").get(members).fails(403, "M_FORBIDDEN");
  }

  private static Set<String> keys(JsonNode members) {
    return new TreeSet<>(Json.each(members.path("chunk"), "state_key"));
  }

  @Test
  void aliasesPointToRooms() {
    String room = alice.createRoom("preset", "public_chat");
    String alias = "#" + unique("way") + ":" + alice.serverName();
    String directory = path(V3 + "/directory/room/{}", alias);
    alice.get(directory).fails(404, "M_NOT_FOUND");
    alice.put(directory, Json.object("room_id", room)).ok();
    JsonNode found = Client.nobody(server.baseUrl()).get(directory).ok();
    assertThat(found.path("room_id").asText()).isEqualTo(room);
    assertThat(found.path("servers").toString()).contains(alice.serverName());
    assertThat(alice.put(directory, Json.object("room_id", room)).status()).isEqualTo(409);
    assertThat(bob.post(path(V3 + "/join/{}", alias), Json.object()).ok().path("room_id").asText())
        .isEqualTo(room);
    bob.delete(directory).fails(403, "M_FORBIDDEN");
    alice.delete(directory).ok();
    alice.get(directory).fails(404, "M_NOT_FOUND");
    alice.delete(directory).fails(404, "M_NOT_FOUND");
    assertThat(
            alice
                .put(path(V3 + "/directory/room/{}", "no alias"), Json.object("room_id", room))
                .status())
        .isEqualTo(400);
  }
}
