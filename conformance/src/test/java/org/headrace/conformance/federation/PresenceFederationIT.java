package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presence to and from another server, of which a user shares a room. */
class PresenceFederationIT {
  private static final ServerName HERE = new ServerName(HeadraceProcess.SERVER_NAME);

  /** {@code user presence} of each that came to the other server. */
  private final BlockingQueue<String> came = new LinkedBlockingQueue<>();

  @TempDir Path folder;

  @Test
  void presenceGoesBothWaysBetweenServersThatShareARoom() throws Exception {
    TestAuthority authority = new TestAuthority("Presence");
    Path pem = authority.writePem(folder.resolve("authority.pem"));
    Path hosts = Files.writeString(folder.resolve("hosts"), Origins.hosts(1));
    try (Origins origins = new Origins(authority, 1, this::take);
        HeadraceProcess server =
            HeadraceProcess.startWith(
                "-Djdk.net.hosts.file=" + hosts,
                "--federation-ca",
                pem.toString(),
                "--federation-addresses",
                "127.0.0.0/8")) {
      Neighbour there = origins.all().getFirst();
      UserId carol = UserId.of("carol", there.name());
      UserId unknown = UserId.of("unknown", there.name());
      Client alice = Client.register(server.baseUrl(), "alice");
      Client loner = Client.register(server.baseUrl(), "loner");
      String room = alice.createRoom("preset", "public_chat");
      there.join(server.baseUrl(), HERE, new RoomId(room), carol);

      put(loner, "online");
      put(alice, "online");
      await(alice.userId() + " online");
      put(alice, "unavailable");
      await(alice.userId() + " unavailable");

      alice.sync();
      send(there, server, "t1", List.of(push(unknown, "online"), push(carol, "online")));
      alice.syncUntil("carol is there", sync -> is(sync, carol, "online"));
      send(there, server, "t2", List.of(push(carol, "unavailable")));
      JsonNode last = alice.syncUntil("carol is idle", sync -> is(sync, carol, "unavailable"));
      assertThat(last.toString()).doesNotContain(unknown.value());
      alice.get(Client.path(V3 + "/presence/{}/status", unknown.value())).fails(403, "M_FORBIDDEN");
      assertThat(came).noneMatch(line -> line.startsWith(loner.userId()));
    }
  }

  private static void put(Client client, String presence) {
    client
        .put(
            Client.path(V3 + "/presence/{}/status", client.userId()),
            Json.object("presence", presence))
        .ok();
  }

  private static ObjectNode push(UserId user, String presence) {
    return Json.object("user_id", user.value(), "presence", presence, "last_active_ago", 1000);
  }

  private static void send(
      Neighbour there, HeadraceProcess server, String id, List<ObjectNode> pushes)
      throws Exception {
    ObjectNode edu = Json.object("edu_type", "m.presence", "content", Json.object("push", pushes));
    ObjectNode transaction =
        Json.object(
            "origin",
            there.name().value(),
            "origin_server_ts",
            System.currentTimeMillis(),
            "pdus",
            List.of(),
            "edus",
            List.of(edu));
    var answer =
        there.send("PUT", server.baseUrl(), "/_matrix/federation/v1/send/" + id, HERE, transaction);
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(200);
  }

  private static boolean is(JsonNode sync, UserId user, String presence) {
    for (JsonNode event : sync.at("/presence/events")) {
      if (event.path("sender").asText().equals(user.value())
          && event.at("/content/presence").asText().equals(presence)) {
        return true;
      }
    }
    return false;
  }

  private void await(String line) throws InterruptedException {
    for (String next = ""; !next.equals(line); ) {
      next = came.poll(60, TimeUnit.SECONDS);
      assertThat(next).as("waited for " + line).isNotNull();
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().startsWith("/_matrix/federation/v1/send/")) {
      RemoteServer.send(exchange, 404, "{\"errcode\":\"M_UNRECOGNIZED\"}");
      return;
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (JsonNode edu : Json.parse(body).path("edus")) {
      for (JsonNode push : edu.at("/content/push")) {
        came.add(push.path("user_id").asText() + " " + push.path("presence").asText());
      }
    }
    RemoteServer.send(exchange, 200, "{\"pdus\":{}}");
  }
}
