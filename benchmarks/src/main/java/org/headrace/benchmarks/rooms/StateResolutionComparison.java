package org.headrace.benchmarks.rooms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.TreeResolution;

/**
 * The same forks resolved by Headrace and by ruma-state-res, one after the other: generated rooms
 * and ruma's own fixtures. Headrace goes from two roots to a root, writing the tree's new nodes;
 * for ruma the state maps and auth chains are at hand as its interface wants them, and only its
 * {@code resolve} is timed.
 *
 * <pre>COMMAND OF RUMA, FOLDER OF RUMA'S FIXTURES, MILLISECONDS PER CASE, PART OF A CASE'S NAME
 * </pre>
 */
public final class StateResolutionComparison {
  private static final List<Integer> ENTRIES = List.of(100, 1_000, 10_000, 100_000);
  private static final List<Integer> DIFFERING = List.of(1, 10, 100);
  private static final long CHANGES = 1_000;

  private final Process ruma;
  private final BufferedWriter questions;
  private final BufferedReader answers;
  private final long millis;
  private final String only;

  private StateResolutionComparison(String command, long millis, String only) throws IOException {
    this.millis = millis;
    this.only = only;
    this.ruma =
        new ProcessBuilder(command, Long.toString(millis))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    this.questions = ruma.outputWriter();
    this.answers = ruma.inputReader();
  }

  public static void main(String[] args) throws IOException {
    StateResolutionComparison comparison =
        new StateResolutionComparison(args[0], Long.parseLong(args[2]), args[3]);
    System.out.printf(
        "%-44s %12s %12s %8s%n", "case (median of single runs, µs)", "Headrace", "ruma", "ratio");
    List<RumaFixture> fixtures = RumaFixture.all(Path.of(args[1]));
    // The first case measured must not pay for what the compiler has not seen yet.
    for (RumaFixture fixture : fixtures) {
      RumaFixture.Forks forks = fixture.resolution();
      comparison.medianMicros(forks::resolve);
    }
    for (RumaFixture fixture : fixtures) {
      comparison.compare(fixture.name(), fixture.line(), fixture.resolution());
    }
    for (String version : List.of("11", "12")) {
      for (int entries : ENTRIES) {
        for (int differing : DIFFERING) {
          if (differing + 4 <= entries) {
            comparison.compare(RoomVersion.find(version).orElseThrow(), entries, differing);
          }
        }
      }
    }
    comparison.questions.close();
    System.out.println();
    System.out.printf("%-44s %12s %12s%n", "one changed entry of n", "nodes", "bytes");
    ENTRIES.forEach(StateResolutionComparison::writeChanges);
  }

  private void compare(RoomVersion version, int entries, int differing) throws IOException {
    String name = String.format("version %s, n = %,d, k = %d", version.id(), entries, differing);
    if (!name.contains(only)) {
      return;
    }
    ForkedRoom room = new ForkedRoom(version, entries, differing);
    TreeResolution resolution =
        new TreeResolution(
            version, room.memory.tree, room.memory::write, ResolutionBenchmark.events(room));
    List<Collection<EventId>> states = new ArrayList<>();
    states.add(room.memory.tree.entries(room.left).values());
    states.add(room.memory.tree.entries(room.right).values());
    List<String> roots = List.of(room.left, room.right);
    compare(
        name,
        line(version, room.events, states),
        () -> room.memory.tree.entries(resolution.resolve(roots)).values(),
        () -> resolution.resolve(roots));
  }

  private void compare(String name, String line, RumaFixture.Forks forks) throws IOException {
    if (!name.contains(only)) {
      return;
    }
    compare(name, line, forks::resolved, forks::resolve);
  }

  private void compare(
      String name, String line, Supplier<Collection<EventId>> result, Supplier<Object> timed)
      throws IOException {
    questions.write(line);
    questions.newLine();
    questions.flush();
    String[] answer = answers.readLine().split(" ");
    double theirs = Double.parseDouble(answer[0]);
    SortedSet<EventId> ids = new TreeSet<>();
    Arrays.stream(answer).skip(1).map(EventId::new).forEach(ids::add);
    if (!ids.equals(new TreeSet<>(result.get()))) {
      throw new IllegalStateException("the results differ: " + name);
    }
    double ours = medianMicros(timed);
    System.out.printf(
        Locale.ROOT, "%-44s %12.1f %12.1f %7.1fx%n", name, ours, theirs, theirs / ours);
  }

  /** After as long a warm-up. */
  private double medianMicros(Supplier<Object> timed) {
    List<Long> nanos = new ArrayList<>();
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < 2 * millis * 1_000_000) {
      long before = System.nanoTime();
      Object kept = timed.get();
      long after = System.nanoTime();
      if (kept.hashCode() != 0 && after - begun > millis * 1_000_000) {
        nanos.add(after - before);
      }
    }
    nanos.sort(null);
    return nanos.get(nanos.size() / 2) / 1_000.0;
  }

  private static void writeChanges(int entries) {
    ForkedRoom room = new ForkedRoom(RoomVersion.DEFAULT, entries, 1);
    MemoryTree memory = room.memory;
    String root = room.left;
    long nodes = memory.writtenNodes;
    long bytes = memory.writtenBytes;
    List<Pdu> events = room.events.subList(1, entries);
    for (int i = 0; i < CHANGES; i++) {
      Pdu event = events.get((int) (i * 7919L % events.size()));
      // Another one each time that a key's turn comes.
      EventId other = events.get((i + i / events.size() + 1) % events.size()).id();
      String key = event.stateKey().orElseThrow();
      root =
          memory.tree.put(
              root, new org.headrace.core.event.StateKey(event.type(), key), other, memory::write);
    }
    System.out.printf(
        Locale.ROOT,
        "%-44s %12.1f %12.0f%n",
        String.format("n = %,d", entries),
        (memory.writtenNodes - nodes) / (double) CHANGES,
        (memory.writtenBytes - bytes) / (double) CHANGES);
  }

  /** The room as conformance/differential writes it, with one fork. */
  static String line(
      RoomVersion version, List<Pdu> events, List<? extends Collection<EventId>> states) {
    ObjectMapper mapper = Json.ownMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("version", version.id());
    java.util.Map<EventId, Integer> indexes = new java.util.HashMap<>();
    ArrayNode list = json.putArray("events");
    for (Pdu event : events) {
      indexes.put(event.id(), indexes.size());
      ObjectNode entry = list.addObject();
      entry.put("id", event.id().value());
      entry.put("rejected", false);
      event.prevEvents().forEach(id -> entry.withArray("prev").add(id.value()));
      event.authEvents().forEach(id -> entry.withArray("auth").add(id.value()));
      entry.set("pdu", event.json());
    }
    json.putArray("judged");
    ArrayNode fork = json.putArray("forks").addArray();
    ArrayNode statesJson = json.putArray("states");
    for (Collection<EventId> state : states) {
      fork.add(statesJson.size());
      ArrayNode stateJson = statesJson.addArray();
      state.forEach(id -> stateJson.add(indexes.get(id)));
    }
    try {
      return mapper.writeValueAsString((JsonNode) json);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
