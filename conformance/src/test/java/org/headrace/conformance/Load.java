package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;

/**
 * Writers in many rooms and a reader, all of whom sync all the time: messages, to-device messages,
 * claims of one-time keys, account data, joins and leaves, each repeated until it is acknowledged.
 * What was acknowledged is written down, and {@link #check} compares it with what there is.
 */
final class Load implements AutoCloseable {
  private static final int TO_DEVICE_EVERY = 3;
  private static final int CLAIM_EVERY = 5;
  private static final int MEMBERSHIP_EVERY = 7;
  private static final int ACCOUNT_DATA_EVERY = 20;
  private static final String HELLO = "org.example.hello";
  private static final String LAST = "org.example.last";

  /** What is told of each message. */
  @FunctionalInterface
  interface Acknowledged {
    /**
     * @param count of all that were acknowledged
     * @param begun when it was first sent
     * @param took until it was acknowledged, however often it was repeated
     */
    void message(int count, Instant begun, Duration took);
  }

  private final long seed;
  private final Duration ownWrites;
  private final Client reader;
  private final Map<Client, History> writers = new LinkedHashMap<>();
  private final List<String> rooms = new ArrayList<>();

  /** Where writers come and go, each on its own account. */
  private final List<String> halls = new ArrayList<>();

  private final LiveReader live;
  private final Map<Client, LiveReader> writersLive = new LinkedHashMap<>();

  /**
   * Makes users and rooms, of which all are members.
   *
   * @param keys the reader's one-time keys, for all claims: a device has 250 at most
   * @param ownWrites how soon after its acknowledgement a write is read by who wrote it: at once,
   *     unless a projector may be away
   */
  Load(URI baseUrl, long seed, int writers, int rooms, int halls, int keys, Duration ownWrites) {
    this.seed = seed;
    this.ownWrites = ownWrites;
    reader = Client.register(baseUrl, "reader");
    for (int n = 0; n < writers; n++) {
      this.writers.put(Client.register(baseUrl, "writer"), new History());
    }
    List<Client> all = List.copyOf(this.writers.keySet());
    for (int n = 0; n < rooms; n++) {
      String room = all.get(n % writers).createRoom("preset", "public_chat");
      this.rooms.add(room);
      reader.join(room);
      all.forEach(writer -> writer.join(room));
    }
    for (int n = 0; n < halls; n++) {
      this.halls.add(reader.createRoom("preset", "public_chat"));
    }
    uploadKeys(keys);
    live = new LiveReader(reader);
    this.writers.keySet().forEach(writer -> writersLive.put(writer, new LiveReader(writer)));
  }

  private void uploadKeys(int keys) {
    ObjectNode all = Json.object();
    for (int n = 0; n < keys; n++) {
      all.set(
          "signed_curve25519:" + n,
          Json.object(
              "key",
              "k" + n,
              "signatures",
              Map.of(reader.userId(), Map.of("ed25519:" + reader.deviceId(), "A".repeat(86)))));
    }
    reader.post(V3 + "/keys/upload", Json.object("one_time_keys", all)).ok();
  }

  /** The reader and the writers. */
  List<Client> clients() {
    List<Client> clients = new ArrayList<>(List.of(reader));
    clients.addAll(writers.keySet());
    return clients;
  }

  List<String> allRooms() {
    List<String> all = new ArrayList<>(rooms);
    all.addAll(halls);
    return all;
  }

  /** How much of each kind was acknowledged. */
  Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    writers.values().forEach(history -> history.count(counts));
    return counts;
  }

  /**
   * Writes, all writers at once, and returns when all have ended.
   *
   * @param goesOn asked before each message with its number, which begins with 0 for each writer
   * @param pause of each writer between two messages
   * @param acknowledged told of each message that was
   * @return what no writer should meet
   */
  List<Throwable> run(IntPredicate goesOn, Duration pause, Acknowledged acknowledged)
      throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    int number = 0;
    for (Map.Entry<Client, History> writer : writers.entrySet()) {
      Random random = new Random(seed + number++);
      Runnable work =
          () -> {
            for (int message = 0; goesOn.test(message); message++) {
              String room = rooms.get(random.nextInt(rooms.size()));
              Instant begun = Instant.now();
              write(writer.getKey(), writer.getValue(), room, message);
              Duration took = Duration.between(begun, Instant.now());
              writeElse(writer.getKey(), writer.getValue(), random, message);
              acknowledged.message(count.incrementAndGet(), begun, took);
              LockSupport.parkNanos(pause.toNanos());
            }
          };
      threads.add(
          Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> failures.add(e)).start(work));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(failures);
  }

  private static void write(Client writer, History history, String room, int message) {
    String text = writer.localpart() + " " + message;
    Reply reply =
        Patience.untilAcknowledged(
            () -> writer.send(room, "m.room.message", "m" + message, Client.text(text)));
    history.sent(room, reply.ok().path("event_id").asText());
  }

  /** What is not messages, now and then. */
  private void writeElse(Client writer, History history, Random random, int message) {
    if (message % TO_DEVICE_EVERY == 0) {
      ObjectNode body =
          Json.object(
              "messages", Map.of(reader.userId(), Map.of(reader.deviceId(), Map.of("n", message))));
      Patience.untilAcknowledged(
              () -> writer.put(path(V3 + "/sendToDevice/{}/{}", HELLO, "d" + message), body))
          .ok();
      history.sentToDevice(message);
    }
    if (message % CLAIM_EVERY == 0) {
      claim(writer, history);
    }
    if (message % MEMBERSHIP_EVERY == 0 && !halls.isEmpty()) {
      comeOrGo(writer, history, halls.get(random.nextInt(halls.size())));
    }
    if (message % ACCOUNT_DATA_EVERY == 0) {
      String data = path(V3 + "/user/{}/account_data/{}", writer.userId(), LAST);
      ObjectNode body = Json.object("user", writer.userId(), "n", message);
      Patience.untilAcknowledged(() -> writer.put(data, body)).ok();
      AtomicInteger seen = new AtomicInteger(-1);
      Patience.until(
          () -> {
            seen.set(Patience.untilAcknowledged(() -> writer.get(data)).ok().path("n").asInt());
            return seen.get() == message;
          },
          ownWrites);
      assertThat(seen.get()).as("own write").isEqualTo(message);
      history.keptAccountData();
    }
  }

  private void claim(Client writer, History history) {
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
        .forEachRemaining(history::claimed);
  }

  private static void comeOrGo(Client writer, History history, String hall) {
    List<String> before = history.memberships(hall);
    boolean joined = !before.isEmpty() && before.getLast().equals("join");
    Patience.untilAcknowledged(() -> writer.membership(joined ? "leave" : "join", hall)).ok();
    history.became(hall, joined ? "leave" : "join");
  }

  /** Compares the histories with what there is; waits for what is on its way. */
  void check(Violations violations, Duration deadline) {
    rooms.forEach(room -> violations.check(() -> checkRoom(room, deadline)));
    violations.check(this::checkFreshSync);
    halls.forEach(hall -> violations.check(() -> checkHall(hall)));
    writers.forEach(
        (writer, history) -> {
          violations.check(() -> checkToDevice(writer, history, deadline));
          violations.check(() -> checkAccountData(writer, history));
        });
    List<String> claimed = new ArrayList<>();
    writers.values().forEach(history -> claimed.addAll(history.claimed()));
    violations.check(
        () -> assertThat(claimed).as("one-time keys given out").doesNotHaveDuplicates());
    violations.check(() -> assertThat(live.faults()).as("answers to /sync").isEmpty());
    writersLive.forEach(
        (writer, seen) ->
            violations.check(
                () ->
                    assertThat(seen.faults())
                        .as("answers to /sync of " + writer.userId())
                        .isEmpty()));
  }

  private void checkRoom(String room, Duration deadline) {
    List<String> wanted = new ArrayList<>();
    writers.values().forEach(history -> wanted.addAll(history.messagesIn(room)));
    Patience.until(() -> live.messagesIn(room).size() >= wanted.size(), deadline);
    List<String> kept = ids(messages(reader, room));
    assertThat(kept.stream().sorted().toList())
        .as("/messages of " + room)
        .isEqualTo(wanted.stream().sorted().toList());
    checkLive("the reader", live, room, kept, deadline);
    writersLive.forEach((writer, seen) -> checkLive(writer.userId(), seen, room, kept, deadline));
    writers.forEach(
        (writer, history) -> {
          Set<String> order = new LinkedHashSet<>(history.messagesIn(room));
          assertThat(kept.stream().filter(order::contains).toList())
              .as(writer.userId() + " in " + room)
              .isEqualTo(List.copyOf(order));
        });
  }

  private static void checkLive(
      String who, LiveReader live, String room, List<String> kept, Duration deadline) {
    Patience.until(() -> live.messagesIn(room).size() >= kept.size(), deadline);
    assertThat(live.messagesIn(room)).as("what " + who + " saw of " + room).isEqualTo(kept);
  }

  private void checkFreshSync() {
    JsonNode fresh = reader.syncRequest("timeout=0").ok();
    for (String room : rooms) {
      List<String> tail =
          Json.each(
              Json.messages(fresh.at("/rooms/join").path(room).at("/timeline/events")), "event_id");
      List<String> all = ids(messages(reader, room));
      assertThat(tail)
          .as("a fresh /sync of " + room)
          .isEqualTo(all.subList(all.size() - tail.size(), all.size()));
    }
  }

  /** Each time that somebody came or went is one event, and the last says what is. */
  private void checkHall(String hall) {
    List<JsonNode> events = timeline(reader, hall);
    writers.forEach(
        (writer, history) -> {
          List<String> became =
              events.stream()
                  .filter(event -> event.path("type").asText().equals("m.room.member"))
                  .filter(event -> event.path("state_key").asText().equals(writer.userId()))
                  .map(event -> event.at("/content/membership").asText())
                  .toList();
          List<String> wanted = history.memberships(hall);
          assertThat(became).as(writer.userId() + " in " + hall).isEqualTo(wanted);
          if (!wanted.isEmpty()) {
            assertThat(
                    reader
                        .state(hall, "m.room.member", writer.userId())
                        .ok()
                        .path("membership")
                        .asText())
                .as("what " + writer.userId() + " is in " + hall)
                .isEqualTo(wanted.getLast());
          }
        });
  }

  private void checkToDevice(Client writer, History history, Duration deadline) {
    List<Integer> wanted = history.toDevice();
    Supplier<List<Integer>> got =
        () ->
            live.toDevice().stream()
                .filter(each -> each.path("sender").asText().equals(writer.userId()))
                .map(each -> each.at("/content/n").asInt())
                .toList();
    Patience.until(() -> got.get().size() >= wanted.size(), deadline);
    assertThat(got.get()).as("to-device messages of " + writer.userId()).isEqualTo(wanted);
  }

  private void checkAccountData(Client writer, History history) {
    String data = path(V3 + "/user/{}/account_data/{}", writer.userId(), LAST);
    Reply reply = writer.get(data);
    int last = reply.status() == 404 ? -1 : reply.ok().path("n").asInt();
    // Every writer writes it with its first message.
    int messages = rooms.stream().mapToInt(room -> history.messagesIn(room).size()).sum();
    int wanted = messages == 0 ? -1 : (messages - 1) / ACCOUNT_DATA_EVERY * ACCOUNT_DATA_EVERY;
    assertThat(last).as("account data of " + writer.userId()).isEqualTo(wanted);
  }

  static List<String> ids(List<JsonNode> events) {
    return events.stream().map(event -> event.path("event_id").asText()).toList();
  }

  static boolean isMessage(JsonNode event) {
    return event.path("type").asText().equals("m.room.message");
  }

  /** All messages of a room, oldest first. */
  static List<JsonNode> messages(Client client, String room) {
    return timeline(client, room).stream().filter(Load::isMessage).toList();
  }

  /** All events of a room, oldest first. */
  static List<JsonNode> timeline(Client client, String room) {
    List<JsonNode> events = new ArrayList<>();
    String token = "";
    do {
      String from = token.isEmpty() ? "" : "&from=" + Client.encode(token);
      JsonNode page = client.messages(room, "dir=b&limit=100" + from).ok();
      page.path("chunk").forEach(events::addFirst);
      token = page.path("end").asText("");
    } while (!token.isEmpty());
    return events;
  }

  @Override
  public void close() {
    live.close();
    writersLive.values().forEach(LiveReader::close);
  }
}
