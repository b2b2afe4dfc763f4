package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The server is killed with -9 while clients write, and restarted on its data: nothing acknowledged
 * is lost, doubled or reordered. {@code conformance/kill9} runs it long: {@code -Dheadrace.kills},
 * {@code -Dheadrace.kill.messages} (each sender's), {@code -Dheadrace.seed}.
 */
class KillNineIT {
  private static final int KILLS = Integer.getInteger("headrace.kills", 2);
  private static final int MESSAGES = Integer.getInteger("headrace.kill.messages", 60);

  /** The same in every build; {@code -Dheadrace.seed} tries another. */
  private static final long SEED = Long.getLong("headrace.seed", 1);

  private static final int SCENARIO_DEADLINE_SECONDS = 120 + KILLS * 60;
  private static final int WRITERS = 6;
  private static final int ROOMS = 12;
  private static final int KEYS = 200;
  private static final String HELLO = "org.example.hello";

  private HeadraceProcess server;
  private ValidatingProxy proxy;

  @BeforeEach
  void start() {
    server = HeadraceProcess.start();
    proxy = ValidatingProxy.before(server.baseUrl(), SharedServer.validator());
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.close();
  }

  @Test
  void realClientsOutliveKills() {
    List<Duration> restarts;
    NodeScenario.Result result;
    try (Kills kills = new Kills(server, KILLS, 2 * MESSAGES, SEED)) {
      result =
          NodeScenario.run(
              proxy.baseUrl(), MESSAGES, SCENARIO_DEADLINE_SECONDS, kills::acknowledged);
      kills.close();
      restarts = kills.restarts();
    }
    String shown =
        result.report().toPrettyString() + "\n" + result.said() + "\n" + server.outputTail();
    assertThat(result.report().path("right").asBoolean()).as(shown).isTrue();
    assertThat(result.exitCode()).as(shown).isZero();
    assertThat(restarts).as("every kill took place").hasSize(KILLS);
    SharedServer.failOn(proxy.takeViolations());
    System.out.println(
        "kill -9, real clients: 2 × "
            + MESSAGES
            + " messages, all there once and in order after "
            + KILLS
            + " kills; restarts "
            + restarts.stream().map(Duration::toMillis).toList()
            + " ms");
  }

  /** A write that was acknowledged. */
  private record Acknowledged(String room, String eventId, String text) {}

  @Test
  void manyRoomsAndUsersOutliveKills() throws InterruptedException {
    Client reader = Client.register(proxy.baseUrl(), "reader");
    List<Client> writers = new ArrayList<>();
    for (int n = 0; n < WRITERS; n++) {
      writers.add(Client.register(proxy.baseUrl(), "writer"));
    }
    List<String> rooms = new ArrayList<>();
    for (int n = 0; n < ROOMS; n++) {
      String room = writers.get(n % WRITERS).createRoom("preset", "public_chat");
      rooms.add(room);
      reader.join(room);
      for (Client writer : writers) {
        writer.join(room);
      }
    }
    uploadKeys(reader, KEYS);
    AtomicInteger count = new AtomicInteger();
    Map<Client, List<Acknowledged>> acknowledged = new LinkedHashMap<>();
    ConcurrentLinkedQueue<String> claimed = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (LiveReader live = new LiveReader(reader)) {
      try (Kills kills = new Kills(server, KILLS, WRITERS * MESSAGES, SEED + 1)) {
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < WRITERS; n++) {
          Client writer = writers.get(n);
          List<Acknowledged> own = new ArrayList<>();
          acknowledged.put(writer, own);
          Random random = new Random(SEED + n);
          Runnable work =
              () -> {
                for (int message = 0; message < MESSAGES; message++) {
                  String room = rooms.get(random.nextInt(ROOMS));
                  own.add(write(writer, room, message));
                  writeElse(writer, reader, room, message, claimed);
                  kills.acknowledged(count.incrementAndGet());
                }
              };
          threads.add(
              Thread.ofVirtual()
                  .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                  .start(work));
        }
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(failures).as(server.outputTail()).isEmpty();
        kills.close();
        assertThat(kills.restarts()).as("every kill took place").hasSize(KILLS);
        System.out.println(
            "kill -9, "
                + ROOMS
                + " rooms: "
                + count
                + " messages; restarts "
                + kills.restarts().stream().map(Duration::toMillis).toList()
                + " ms");
      }
      checkRooms(rooms, reader, live, acknowledged);
      checkToDevice(live, writers);
      assertThat(List.copyOf(claimed)).as("one-time keys given out").doesNotHaveDuplicates();
      assertThat(live.faults()).isEmpty();
    }
    SharedServer.failOn(proxy.takeViolations());
  }

  private static Acknowledged write(Client writer, String room, int message) {
    String text = writer.localpart() + " " + message;
    Reply reply =
        Patience.untilAcknowledged(
            () -> writer.send(room, "m.room.message", "m" + message, Client.text(text)));
    return new Acknowledged(room, reply.ok().path("event_id").asText(), text);
  }

  /** What is not messages: to-device messages and claims of one-time keys, now and then. */
  private static void writeElse(
      Client writer,
      Client reader,
      String room,
      int message,
      ConcurrentLinkedQueue<String> claimed) {
    if (message % 3 == 0) {
      ObjectNode body =
          Json.object(
              "messages", Map.of(reader.userId(), Map.of(reader.deviceId(), Map.of("n", message))));
      Patience.untilAcknowledged(
              () -> writer.put(path(V3 + "/sendToDevice/{}/{}", HELLO, "d" + message), body))
          .ok();
    }
    if (message % 5 == 0) {
      ObjectNode body =
          Json.object(
              "one_time_keys",
              Map.of(reader.userId(), Map.of(reader.deviceId(), "signed_curve25519")));
      Reply reply = Patience.untilAcknowledged(() -> writer.post(V3 + "/keys/claim", body));
      reply
          .ok()
          .path("one_time_keys")
          .path(reader.userId())
          .path(reader.deviceId())
          .fieldNames()
          .forEachRemaining(claimed::add);
    }
    if (message % 20 == 0) {
      ObjectNode body = Json.object("user", writer.userId(), "n", message);
      Patience.untilAcknowledged(
              () ->
                  writer.put(
                      path(V3 + "/user/{}/account_data/org.example.{}", writer.userId(), "last"),
                      body))
          .ok();
      Reply back =
          Patience.untilAcknowledged(
              () ->
                  writer.get(
                      path(V3 + "/user/{}/account_data/org.example.{}", writer.userId(), "last")));
      assertThat(back.ok().path("n").asInt()).as("own write in " + room).isEqualTo(message);
    }
  }

  private static void uploadKeys(Client owner, int keys) {
    ObjectNode all = Json.object();
    for (int n = 0; n < keys; n++) {
      all.set(
          "signed_curve25519:" + n,
          Json.object(
              "key",
              "k" + n,
              "signatures",
              Map.of(owner.userId(), Map.of("ed25519:" + owner.deviceId(), "A".repeat(86)))));
    }
    owner.post(V3 + "/keys/upload", Json.object("one_time_keys", all)).ok();
  }

  private static void checkRooms(
      List<String> rooms,
      Client reader,
      LiveReader live,
      Map<Client, List<Acknowledged>> acknowledged) {
    for (String room : rooms) {
      List<String> wanted = new ArrayList<>();
      acknowledged
          .values()
          .forEach(
              own ->
                  own.stream()
                      .filter(each -> each.room().equals(room))
                      .forEach(each -> wanted.add(each.eventId())));
      Patience.until(() -> LiveReader.ids(live.room(room)).containsAll(wanted));
      List<String> kept = LiveReader.ids(messages(reader, room));
      List<String> seen =
          LiveReader.ids(live.room(room).stream().filter(KillNineIT::isMessage).toList());
      assertThat(kept).as("/messages of " + room).containsExactlyInAnyOrderElementsOf(wanted);
      assertThat(seen).as("the live view of " + room).isEqualTo(kept);
      acknowledged.forEach(
          (writer, own) -> {
            List<String> order =
                own.stream()
                    .filter(each -> each.room().equals(room))
                    .map(Acknowledged::eventId)
                    .toList();
            assertThat(kept.stream().filter(order::contains).toList())
                .as(writer.userId() + " in " + room)
                .isEqualTo(order);
          });
    }
    JsonNode fresh = reader.syncRequest("timeout=0").ok();
    for (String room : rooms) {
      List<String> tail =
          Json.each(
              Json.messages(fresh.at("/rooms/join").path(room).at("/timeline/events")), "event_id");
      List<String> all = LiveReader.ids(messages(reader, room));
      assertThat(tail)
          .as("a fresh /sync of " + room)
          .isEqualTo(all.subList(all.size() - tail.size(), all.size()));
    }
  }

  private static boolean isMessage(JsonNode event) {
    return event.path("type").asText().equals("m.room.message");
  }

  private static List<JsonNode> messages(Client client, String room) {
    List<JsonNode> events = new ArrayList<>();
    String token = "";
    do {
      String from = token.isEmpty() ? "" : "&from=" + Client.encode(token);
      JsonNode page = client.messages(room, "dir=b&limit=100" + from).ok();
      page.path("chunk")
          .forEach(
              event -> {
                if (isMessage(event)) {
                  events.addFirst(event);
                }
              });
      token = page.path("end").asText("");
    } while (!token.isEmpty());
    return events;
  }

  private static void checkToDevice(LiveReader live, List<Client> writers) {
    List<Integer> wanted = new ArrayList<>();
    for (int message = 0; message < MESSAGES; message += 3) {
      wanted.add(message);
    }
    for (Client writer : writers) {
      Supplier<List<Integer>> got =
          () ->
              live.toDevice().stream()
                  .filter(each -> each.path("sender").asText().equals(writer.userId()))
                  .map(each -> each.at("/content/n").asInt())
                  .toList();
      Patience.until(() -> got.get().size() >= wanted.size());
      assertThat(got.get()).as("to-device messages of " + writer.userId()).isEqualTo(wanted);
    }
  }
}
