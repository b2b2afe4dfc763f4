package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A power cut, played: kill -9, then the tails of log segments are cut off, each family of topics
 * by another length. The server starts, says what it found, reuses no position, and all that is
 * acknowledged afterwards is there. In the build two of the cuts; {@code -Dheadrace.powercut=all}
 * makes every one, {@code -Dheadrace.seed} repeats one.
 */
class PowerCutIT {
  /** The same in every build; {@code -Dheadrace.seed} tries another. */
  private static final long SEED = Long.getLong("headrace.seed", 9585979325813L);

  private static final int MESSAGES_BEFORE = 150;
  private static final int MESSAGES_AFTER = 80;
  private static final int ROOMS = 4;
  private static final int CUT_MAX_PERCENT = 20;
  private static final int KEPT_MIN_BYTES = 1;
  private static final Duration VIEW_DEADLINE = Duration.ofSeconds(30);

  /** Which logs lose their tails. */
  enum Family {
    COMMANDS("(room|account)\\.commands"),
    OUTPUTS("(room\\.log|room\\.bodies|account\\.log|account\\.items|.*ticks)"),
    CHANGELOGS(".*-changelog");

    private final Pattern topics;

    Family(String topics) {
      this.topics = Pattern.compile(topics + "-\\d+");
    }
  }

  static Stream<Set<Family>> cuts() {
    List<Set<Family>> cuts =
        new ArrayList<>(
            List.of(EnumSet.of(Family.OUTPUTS, Family.CHANGELOGS), EnumSet.allOf(Family.class)));
    if (System.getProperty("headrace.powercut", "").equals("all")) {
      Arrays.stream(Family.values()).forEach(family -> cuts.add(EnumSet.of(family)));
      cuts.add(EnumSet.of(Family.COMMANDS, Family.CHANGELOGS));
      cuts.add(EnumSet.of(Family.COMMANDS, Family.OUTPUTS));
    }
    return cuts.stream();
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void whatIsAcknowledgedAfterAPowerCutIsThere(Set<Family> families) throws IOException {
    Random random = new Random(SEED);
    System.out.println("power cut with seed " + SEED + " of " + families);
    try (HeadraceProcess server = HeadraceProcess.start();
        ValidatingProxy proxy =
            ValidatingProxy.before(server.baseUrl(), SharedServer.validator())) {
      Client alice = Client.register(proxy.baseUrl(), "alice");
      Client bob = Client.register(proxy.baseUrl(), "bob");
      List<String> rooms = new ArrayList<>();
      for (int n = 0; n < ROOMS; n++) {
        rooms.add(alice.createRoom("preset", "public_chat"));
        bob.join(rooms.getLast());
      }
      // Enough behind what matters that a cut of the tail does not reach accounts and rooms
      // themselves.
      Map<String, List<String>> before = talk(alice, rooms, random, 0, MESSAGES_BEFORE);
      bob.sync();
      String since = bob.since();
      talk(alice, rooms, random, MESSAGES_BEFORE, 2 * MESSAGES_BEFORE)
          .forEach((room, ids) -> before.get(room).addAll(ids));
      bob.sync();
      String latest = bob.since();

      server.kill();
      int said = server.output().length();
      cut(server.data(), families, random);
      server.restart();
      assertThat(server.output().substring(said))
          .as("it says what it found")
          .containsPattern("(?i)(lost|cut|missing|behind|ahead|padd|rew[io]|truncat|recover)");

      if (!families.contains(Family.COMMANDS)) {
        // Decisions follow from commands: nothing acknowledged is lost, and nothing is decided
        // differently; what is decided again comes into view again while the server serves.
        for (String room : rooms) {
          awaitSize(alice, room, before.get(room).size());
          assertThat(texts(alice, room))
              .as("before the cut, in " + room)
              .isEqualTo(before.get(room));
        }
      }
      Map<String, List<String>> survivors = new TreeMap<>();
      for (String room : rooms) {
        survivors.put(room, texts(alice, room));
        assertThat(survivors.get(room))
            .as("what survives is a beginning")
            .isEqualTo(first(before.get(room), survivors.get(room).size()));
      }
      Map<String, List<String>> after =
          talk(alice, rooms, random, 2 * MESSAGES_BEFORE, 2 * MESSAGES_BEFORE + MESSAGES_AFTER);
      for (String room : rooms) {
        // More of the past may have come into view since, but only before what is new.
        List<String> now = texts(alice, room);
        int kept = now.size() - after.get(room).size();
        assertThat(kept)
            .as("old messages of " + room)
            .isGreaterThanOrEqualTo(survivors.get(room).size());
        List<String> all = new ArrayList<>(first(before.get(room), kept));
        all.addAll(after.get(room));
        assertThat(now).as("/messages of " + room).isEqualTo(all);
      }
      for (String token : List.of(latest, since)) {
        checkIncremental(bob, token, rooms, after);
      }
      server.kill();
      server.restart();
      for (String room : rooms) {
        List<String> all = texts(bob, room);
        assertThat(last(all, after.get(room).size()))
            .as("after one more kill")
            .isEqualTo(after.get(room));
      }
      SharedServer.failOn(proxy.takeViolations());
    }
  }

  /**
   * A client that comes with a token of before the cut meets every new message, once and in order.
   */
  private static void checkIncremental(
      Client client, String token, List<String> rooms, Map<String, List<String>> after) {
    client.since(token);
    Map<String, List<String>> seen = new TreeMap<>();
    String filter = Client.encode("{\"room\": {\"timeline\": {\"limit\": 1000}}}");
    for (int n = 0; n < 3; n++) {
      JsonNode sync = client.sync("timeout=0&filter=" + filter);
      for (String room : rooms) {
        for (JsonNode event :
            Json.messages(sync.at("/rooms/join").path(room).at("/timeline/events"))) {
          seen.computeIfAbsent(room, key -> new ArrayList<>()).add(event.path("event_id").asText());
        }
      }
    }
    for (String room : rooms) {
      List<String> events = seen.getOrDefault(room, List.of());
      assertThat(events).as("/sync since " + token + " in " + room).doesNotHaveDuplicates();
      assertThat(last(events, after.get(room).size()))
          .as("/sync since " + token + " in " + room)
          .isEqualTo(after.get(room));
    }
  }

  /**
   * Acknowledged messages in random rooms, with some account traffic between: event ids per room.
   */
  private static Map<String, List<String>> talk(
      Client client, List<String> rooms, Random random, int from, int to) {
    Map<String, List<String>> said = new TreeMap<>();
    rooms.forEach(room -> said.put(room, new ArrayList<>()));
    for (int n = from; n < to; n++) {
      String room = rooms.get(random.nextInt(rooms.size()));
      said.get(room).add(client.say(room, "message " + n));
      if (n % 4 == 0) {
        client
            .put(
                path(V3 + "/user/{}/account_data/{}", client.userId(), "org.example.d"),
                Json.object("n", n))
            .ok();
      }
    }
    return said;
  }

  /** Event ids of all messages of a room, oldest first. */
  private static List<String> texts(Client client, String room) {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      String from = token.isEmpty() ? "" : "&from=" + Client.encode(token);
      JsonNode page = client.messages(room, "dir=b&limit=100" + from).ok();
      Json.messages(page.path("chunk"))
          .forEach(event -> ids.addFirst(event.path("event_id").asText()));
      token = page.path("end").asText("");
    } while (!token.isEmpty());
    return ids;
  }

  /** Waits until a room shows so many messages, or the deadline is over. */
  private static void awaitSize(Client client, String room, int size) {
    Instant end = Instant.now().plus(VIEW_DEADLINE);
    while (texts(client, room).size() < size && Instant.now().isBefore(end)) {
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static List<String> first(List<String> all, int count) {
    return all.subList(0, Math.min(count, all.size()));
  }

  private static List<String> last(List<String> all, int count) {
    return all.subList(Math.max(0, all.size() - count), all.size());
  }

  /** Cuts the last segment of every partition of the families, each family by its own share. */
  private static void cut(Path data, Set<Family> families, Random random) throws IOException {
    Map<Family, Integer> percent = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      percent.put(family, 1 + random.nextInt(CUT_MAX_PERCENT));
    }
    int cuts = 0;
    for (Path partition : partitions(data)) {
      String name = partition.getFileName().toString();
      Optional<Family> family =
          families.stream().filter(each -> each.topics.matcher(name).matches()).findFirst();
      if (family.isEmpty()) {
        continue;
      }
      Path segment;
      try (Stream<Path> files = Files.list(partition)) {
        segment =
            files.filter(file -> file.toString().endsWith(".log")).sorted().toList().getLast();
      }
      long size = Files.size(segment);
      if (size <= KEPT_MIN_BYTES) {
        continue;
      }
      long kept = size - Math.max(1, size * percent.get(family.get()) / 100);
      try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
        channel.truncate(kept);
      }
      cuts++;
    }
    System.out.println("cut " + cuts + " segments by " + percent + " %");
    assertThat(cuts).as("segments cut in " + data).isPositive();
  }

  private static List<Path> partitions(Path data) throws IOException {
    try (Stream<Path> walk = Files.walk(data)) {
      return walk.filter(Files::isDirectory)
          .filter(folder -> folder.getFileName().toString().matches(".+-\\d+"))
          .filter(PowerCutIT::hasSegment)
          .sorted()
          .toList();
    }
  }

  private static boolean hasSegment(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().matches("\\d{20}\\.log"));
    } catch (IOException e) {
      return false;
    }
  }
}
