package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is there: set, read and told between users of one server. */
@ExtendWith(SharedServer.class)
class PresenceIT {
  private Client alice;
  private Client bob;
  private Client stranger;

  @BeforeEach
  void makeRoom(SharedServer.Server server) {
    alice = Client.register(server.baseUrl(), "alice");
    bob = Client.register(server.baseUrl(), "bob");
    stranger = Client.register(server.baseUrl(), "stranger");
    bob.join(alice.createRoom("preset", "public_chat"));
  }

  private static String status(Client of) {
    return path(V3 + "/presence/{}/status", of.userId());
  }

  private static Reply put(Client client, String presence, String message) {
    return client.put(status(client), Json.object("presence", presence, "status_msg", message));
  }

  private static JsonNode eventOf(JsonNode sync, Client user) {
    for (JsonNode event : sync.at("/presence/events")) {
      if (event.path("sender").asText().equals(user.userId())) {
        assertThat(event.path("type").asText()).isEqualTo("m.presence");
        return event.path("content");
      }
    }
    return Json.object();
  }

  @Test
  void whatWasPutIsReadAtOnceByWhoSharesARoom() {
    assertThat(alice.get(status(alice)).ok().path("presence").asText()).isEqualTo("offline");
    put(alice, "online", "at lunch").ok();
    for (Client reader : new Client[] {alice, bob}) {
      JsonNode seen = reader.get(status(alice)).ok();
      assertThat(seen.path("presence").asText()).isEqualTo("online");
      assertThat(seen.path("status_msg").asText()).isEqualTo("at lunch");
      assertThat(seen.path("last_active_ago").isIntegralNumber()).isTrue();
      assertThat(seen.path("currently_active").asBoolean()).isTrue();
    }
    stranger.get(status(alice)).fails(403, "M_FORBIDDEN");
    bob.put(status(alice), Json.object("presence", "online")).fails(403, "M_FORBIDDEN");
    alice.put(status(alice), Json.object("presence", "busy")).fails(400, "M_INVALID_PARAM");
    alice.syncRequest("set_presence=busy").fails(400, "M_INVALID_PARAM");
  }

  @Test
  void changesReachWhoWaitsInASync() throws Exception {
    bob.sync();
    CompletableFuture<Reply> waiting =
        bob.getAsync(V3 + "/sync?timeout=30000&since=" + Client.encode(bob.since()));
    put(alice, "unavailable", "away").ok();
    JsonNode content = eventOf(waiting.get(60, TimeUnit.SECONDS).ok(), alice);
    assertThat(content.path("presence").asText()).isEqualTo("unavailable");
    assertThat(content.path("status_msg").asText()).isEqualTo("away");
    assertThat(eventOf(stranger.sync(), alice)).isEmpty();
  }

  @Test
  void syncingSetsIt() {
    bob.sync();
    assertThat(eventOf(alice.sync(), alice).path("presence").asText()).isEqualTo("online");
    bob.syncUntil("alice is there", sync -> is(sync, alice, "online"));
    alice.sync("timeout=0&set_presence=unavailable");
    bob.syncUntil("alice is idle", sync -> is(sync, alice, "unavailable"));
    alice.sync("timeout=0&set_presence=offline");
    assertThat(bob.get(status(alice)).ok().path("presence").asText()).isEqualTo("unavailable");
    put(alice, "offline", "gone").ok();
    bob.syncUntil("alice is gone", sync -> is(sync, alice, "offline"));
  }

  @Test
  void whoComesIntoARoomIsTold() {
    alice.sync();
    bob.sync();
    put(stranger, "online", "new here").ok();
    stranger.join(bob.createRoom("preset", "public_chat"));
    bob.syncUntil("the newcomer", sync -> is(sync, stranger, "online"));
    assertThat(eventOf(alice.sync(), stranger)).isEmpty();
    stranger.syncUntil("bob", sync -> is(sync, bob, "online"));
  }

  private static boolean is(JsonNode sync, Client user, String presence) {
    return eventOf(sync, user).path("presence").asText().equals(presence);
  }
}
