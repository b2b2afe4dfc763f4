package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
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

/** A user's device list as another server follows it, and one that comes to it later. */
class DeviceListsIT {
  private static final ServerName HERE = new ServerName(HeadraceProcess.SERVER_NAME);

  /** Contents of the updates that came, by the server that they came to. */
  private final Map<String, BlockingQueue<JsonNode>> came = new ConcurrentHashMap<>();

  @TempDir Path folder;

  @Test
  void updatesFollowEachOtherAndTheListThatIsFetched() throws Exception {
    TestAuthority authority = new TestAuthority("Device lists");
    Path pem = authority.writePem(folder.resolve("authority.pem"));
    Path hosts = Files.writeString(folder.resolve("hosts"), Origins.hosts(2));
    try (Origins origins = new Origins(authority, 2, this::take);
        HeadraceProcess server =
            HeadraceProcess.startWith(
                "-Djdk.net.hosts.file=" + hosts,
                "--federation-ca",
                pem.toString(),
                "--federation-addresses",
                "127.0.0.0/8")) {
      Neighbour there = origins.all().getFirst();
      Client phone = Client.register(server.baseUrl(), "alice");
      List<JsonNode> updates = new ArrayList<>();
      String room = phone.createRoom("preset", "public_chat");
      for (String shared : List.of(room, phone.createRoom("preset", "public_chat"))) {
        there.join(server.baseUrl(), HERE, new RoomId(shared), UserId.of("carol", there.name()));
      }

      upload(phone);
      updates.add(next(there));
      assertThat(updates.getLast().path("device_id").asText()).isEqualTo(phone.deviceId());
      assertThat(updates.getLast().at("/keys/device_id").asText()).isEqualTo(phone.deviceId());
      assertThat(updates.getLast().path("prev_id").isArray()).isTrue();
      assertThat(updates.getLast().path("prev_id")).isEmpty();
      JsonNode fetched = fetch(there, server, phone);
      assertThat(fetched.path("stream_id")).isEqualTo(updates.getLast().path("stream_id"));
      assertThat(fetched.at("/devices/0/keys")).isEqualTo(updates.getLast().path("keys"));

      rename(phone, "On the desk");
      updates.add(next(there));
      assertThat(updates.getLast().path("device_display_name").asText()).isEqualTo("On the desk");

      Client laptop = phone.login();
      upload(laptop);
      updates.add(next(there));
      assertThat(updates.getLast().path("device_id").asText()).isEqualTo(laptop.deviceId());

      laptop.post(V3 + "/logout", Json.object()).ok();
      updates.add(next(there));
      assertThat(updates.getLast().path("device_id").asText()).isEqualTo(laptop.deviceId());
      assertThat(updates.getLast().path("deleted").asBoolean()).isTrue();
      assertThat(fetch(there, server, phone).path("stream_id"))
          .isEqualTo(updates.getLast().path("stream_id"));

      Neighbour later = origins.all().getLast();
      later.join(server.baseUrl(), HERE, new RoomId(room), UserId.of("dave", later.name()));
      rename(phone, "Under the desk");
      updates.add(next(there));
      assertThat(next(later))
          .as("an update whose prev_id it does not know, so that it fetches the list")
          .isEqualTo(updates.getLast());
      assertThat(fetch(later, server, phone).path("stream_id"))
          .isEqualTo(updates.getLast().path("stream_id"));

      for (int i = 1; i < updates.size(); i++) {
        JsonNode before = updates.get(i - 1).path("stream_id");
        assertThat(updates.get(i).path("prev_id")).containsExactly(before);
        assertThat(updates.get(i).path("stream_id").asLong()).isGreaterThan(before.asLong());
      }
    }
  }

  private static void upload(Client client) {
    String device = client.deviceId();
    client
        .post(
            V3 + "/keys/upload",
            Json.object(
                "device_keys",
                Json.object(
                    "user_id", client.userId(),
                    "device_id", device,
                    "algorithms", List.of("m.olm.v1.curve25519-aes-sha2"),
                    "keys", Map.of("ed25519:" + device, "E".repeat(43)),
                    "signatures",
                        Map.of(client.userId(), Map.of("ed25519:" + device, "S".repeat(86))))))
        .ok();
  }

  private static void rename(Client client, String name) {
    client
        .put(Client.path(V3 + "/devices/{}", client.deviceId()), Json.object("display_name", name))
        .ok();
  }

  private static JsonNode fetch(Neighbour there, HeadraceProcess server, Client user)
      throws Exception {
    String path = "/_matrix/federation/v1/user/devices/" + Client.encode(user.userId());
    var answer = there.send("GET", server.baseUrl(), path, HERE, null);
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).as(body).isEqualTo(200);
    return Json.parse(body);
  }

  private JsonNode next(Neighbour there) throws InterruptedException {
    JsonNode update = at(there.name().value()).poll(60, TimeUnit.SECONDS);
    assertThat(update).as("an update of a device list").isNotNull();
    return update;
  }

  private BlockingQueue<JsonNode> at(String server) {
    return came.computeIfAbsent(server, name -> new LinkedBlockingQueue<>());
  }

  private void take(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().startsWith("/_matrix/federation/v1/send/")) {
      RemoteServer.send(exchange, 404, "{\"errcode\":\"M_UNRECOGNIZED\"}");
      return;
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (JsonNode edu : Json.parse(body).path("edus")) {
      if (edu.path("edu_type").asText().equals("m.device_list_update")) {
        at(exchange.getRequestHeaders().getFirst("Host")).add(edu.path("content"));
      }
    }
    RemoteServer.send(exchange, 200, "{\"pdus\":{}}");
  }
}
