package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed with -9 while it sends to other servers: each gets every acknowledged event
 * of the rooms that it is in, the events of a room in their order, and no transaction id ever with
 * other bytes. {@code conformance/kill9} runs it long.
 */
@EnabledIfSystemProperty(
    named = "headrace.sender.kill",
    matches = "true",
    disabledReason = "by hand: conformance/kill9")
class SenderKillNineIT {
  private static final int KILLS = Integer.getInteger("headrace.kills", 2);
  private static final int MESSAGES = Integer.getInteger("headrace.kill.messages", 60);
  private static final long SEED = Long.getLong("headrace.seed", 1);
  private static final int DESTINATIONS = 4;
  private static final int ROOMS = 6;
  private static final ServerName HERE = new ServerName(HeadraceProcess.SERVER_NAME);

  /** A destination that refused while it was killed for is tried again after seconds. */
  private static final Duration ARRIVAL_DEADLINE = Duration.ofMinutes(3);

  @TempDir Path folder;

  /** What came to one destination. */
  private static final class Mailbox {
    final Map<String, String> transactions = new TreeMap<>();
    final Map<String, Set<String>> events = new TreeMap<>();
    int repeated;
    int refused;
  }

  private final Map<String, Mailbox> mailboxes = new TreeMap<>();
  private final Random random = new Random(SEED);

  @Test
  void whatWasAcknowledgedArrivesInOrder() throws Exception {
    TestAuthority authority = new TestAuthority("Sender");
    Path pem = authority.writePem(folder.resolve("authority.pem"));
    Path hosts = Files.writeString(folder.resolve("hosts"), Origins.hosts(DESTINATIONS));
    try (Origins origins = new Origins(authority, DESTINATIONS, this::take);
        HeadraceProcess server =
            HeadraceProcess.startWith(
                "-Djdk.net.hosts.file=" + hosts,
                "--federation-ca",
                pem.toString(),
                "--federation-addresses",
                "127.0.0.0/8")) {
      for (Neighbour origin : origins.all()) {
        Patience.until(() -> isKnown(server, origin), ARRIVAL_DEADLINE);
      }
      Client alice = Client.register(server.baseUrl(), "alice");
      List<String> rooms = new ArrayList<>();
      Map<String, List<String>> wanted = new LinkedHashMap<>();
      for (int n = 0; n < ROOMS; n++) {
        String room = alice.createRoom("preset", "public_chat", "room_version", "11");
        rooms.add(room);
        wanted.put(room, new ArrayList<>());
        for (Neighbour origin : origins.all()) {
          if (isIn(origin, origins, n)) {
            origin.join(server.baseUrl(), HERE, new RoomId(room), UserId.of("user", origin.name()));
          }
        }
      }
      try (Kills kills = new Kills(server, KILLS, MESSAGES, SEED)) {
        for (int n = 0; n < MESSAGES; n++) {
          String room = rooms.get(random.nextInt(ROOMS));
          String transaction = "m" + n;
          String text = "message " + n;
          wanted
              .get(room)
              .add(
                  Patience.untilAcknowledged(
                          () -> alice.send(room, "m.room.message", transaction, Client.text(text)))
                      .ok()
                      .path("event_id")
                      .asText());
          kills.acknowledged(n + 1);
        }
        kills.close();
        assertThat(kills.restarts()).as("every kill took place").hasSize(KILLS);
      }
      for (int n = 0; n < ROOMS; n++) {
        for (Neighbour origin : origins.all()) {
          if (isIn(origin, origins, n)) {
            List<String> all = wanted.get(rooms.get(n));
            Patience.until(() -> arrived(origin, all).size() == all.size(), ARRIVAL_DEADLINE);
            assertThat(arrived(origin, all))
                .as(origin.name() + " of " + rooms.get(n) + "\n" + server.outputTail())
                .isEqualTo(all);
          }
        }
      }
      System.out.println(
          "kill -9, sender: "
              + MESSAGES
              + " messages to "
              + DESTINATIONS
              + " servers after "
              + KILLS
              + " kills; transactions sent again: "
              + mailboxes.values().stream().mapToInt(box -> box.repeated).sum()
              + ", refused: "
              + mailboxes.values().stream().mapToInt(box -> box.refused).sum());
    }
  }

  /** Whether the server has the other's keys by now. */
  private static boolean isKnown(HeadraceProcess server, Neighbour origin) {
    ObjectNode empty = Json.object("pdus", List.of());
    String target = "/_matrix/federation/v1/send/hello";
    try {
      return origin.send("PUT", server.baseUrl(), target, HERE, empty).statusCode() == 200;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each room has other servers, so that one's queue tells nothing of another's. */
  private static boolean isIn(Neighbour origin, Origins origins, int room) {
    return origins.all().indexOf(origin) != room % DESTINATIONS;
  }

  /** Those of the events that came, in the order in which they came first. */
  private synchronized List<String> arrived(Neighbour origin, List<String> events) {
    Mailbox mailbox = mailboxes.get(origin.name().value());
    return mailbox == null
        ? List.of()
        : mailbox.events.values().stream().flatMap(Set::stream).filter(events::contains).toList();
  }

  private void take(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!path.startsWith("/_matrix/federation/v1/send/")) {
      RemoteServer.send(exchange, 404, "{\"errcode\":\"M_UNRECOGNIZED\"}");
      return;
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean taken = take(exchange.getRequestHeaders().getFirst("Host"), path, body);
    RemoteServer.send(exchange, taken ? 200 : 503, taken ? "{\"pdus\":{}}" : "{}");
  }

  private synchronized boolean take(String name, String path, String body) {
    Mailbox mailbox = mailboxes.computeIfAbsent(name, key -> new Mailbox());
    String before = mailbox.transactions.put(path, body);
    if (before != null) {
      mailbox.repeated++;
      assertThat(body).as("the bytes of " + path).isEqualTo(before);
    }
    for (JsonNode pdu : Json.parse(body).path("pdus")) {
      String id =
          EventHashes.eventId((ObjectNode) pdu, RoomVersion.find("11").orElseThrow()).value();
      mailbox
          .events
          .computeIfAbsent(pdu.path("room_id").asText(), key -> new LinkedHashSet<>())
          .add(id);
    }
    // Now and then the answer is lost, so that the same is sent again.
    if (random.nextInt(10) == 0) {
      mailbox.refused++;
      return false;
    }
    return true;
  }
}
