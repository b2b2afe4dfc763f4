package org.headrace.benchmarks.rooms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.core.stateres.StateEvents;
import org.headrace.core.stateres.TreeResolution;

/** A scenario of ruma-state-res, read from the sources of the crate: events and two states. */
final class RumaFixture {
  private static final String PUBLIC = "bootstrap-public-chat.json";

  private final String name;
  private final RoomVersion version;
  private final List<Pdu> events;
  private final List<Map<StateKey, EventId>> states;

  private RumaFixture(String name, List<Pdu> events, List<Map<StateKey, EventId>> states) {
    this.name = name;
    this.version =
        RoomVersion.find(events.getFirst().content().path("room_version").asText()).orElseThrow();
    this.events = events;
    this.states = states;
  }

  static List<RumaFixture> all(Path folder) throws IOException {
    List<RumaFixture> fixtures = new ArrayList<>();
    for (String version : List.of("v11", "v12")) {
      fixtures.add(ofStates(folder, "MSC4297-problem-A", version, "bob", "charlie"));
      fixtures.add(ofStates(folder, "MSC4297-problem-B", version, "eve", "zara"));
    }
    fixtures.add(ofForks(folder, "ban-vs-power-levels", false, "alice", "bob"));
    fixtures.add(ofForks(folder, "topic-vs-power-levels", false, "alice", "bob"));
    fixtures.add(ofForks(folder, "power-levels-admin-vs-mod", false, "alice", "bob"));
    fixtures.add(ofForks(folder, "topic-vs-ban", true, "alice", "bob"));
    fixtures.add(ofForks(folder, "join-rules-vs-join", true, "alice", "ella"));
    fixtures.add(ofForks(folder, "concurrent-joins", false, "charlie", "ella"));
    return fixtures;
  }

  private static RumaFixture ofStates(
      Path folder, String name, String version, String one, String two) throws IOException {
    List<Pdu> events = read(folder.resolve(name).resolve("pdus-" + version + ".json"));
    Map<EventId, Pdu> byId = new HashMap<>();
    events.forEach(event -> byId.put(event.id(), event));
    List<Map<StateKey, EventId>> states = new ArrayList<>();
    for (String of : List.of(one, two)) {
      Map<StateKey, EventId> state = new TreeMap<>();
      Path file = folder.resolve(name).resolve("state-" + of + ".json");
      for (JsonNode id : Json.MAPPER.readTree(Files.readAllBytes(file))) {
        apply(Objects.requireNonNull(byId.get(new EventId(id.asText()))), state);
      }
      states.add(state);
    }
    return new RumaFixture("ruma: " + name + " " + version, events, states);
  }

  private static RumaFixture ofForks(
      Path folder, String name, boolean withCommon, String one, String two) throws IOException {
    List<Pdu> events = read(folder.resolve(PUBLIC));
    if (withCommon) {
      events.addAll(read(folder.resolve(name + "-common.json")));
    }
    Map<StateKey, EventId> common = new TreeMap<>();
    events.forEach(event -> apply(event, common));
    List<Map<StateKey, EventId>> states = new ArrayList<>();
    for (String of : List.of(one, two)) {
      Map<StateKey, EventId> state = new TreeMap<>(common);
      List<Pdu> fork = read(folder.resolve(name + "-" + of + ".json"));
      fork.forEach(event -> apply(event, state));
      events.addAll(fork);
      states.add(state);
    }
    return new RumaFixture("ruma: " + name, events, states);
  }

  private static void apply(Pdu event, Map<StateKey, EventId> state) {
    state.put(new StateKey(event.type(), event.stateKey().orElseThrow()), event.id());
  }

  private static List<Pdu> read(Path file) throws IOException {
    List<Pdu> events = new ArrayList<>();
    for (JsonNode json : Json.MAPPER.readTree(Files.readAllBytes(file))) {
      EventId id = new EventId(json.path("event_id").asText());
      ObjectNode pdu = ((ObjectNode) json).deepCopy();
      pdu.remove("event_id");
      RoomId room =
          pdu.has("room_id")
              ? new RoomId(pdu.path("room_id").asText())
              : new RoomId("!" + id.value().substring(1));
      events.add(new Pdu(id, room, pdu));
    }
    return events;
  }

  String name() {
    return name;
  }

  String line() {
    return StateResolutionComparison.line(
        version, events, states.stream().map(Map::values).toList());
  }

  /** Two roots and what resolves them. */
  record Forks(TreeResolution resolution, StateTree tree, List<String> roots) {
    Object resolve() {
      return resolution.resolve(roots);
    }

    Collection<EventId> resolved() {
      return tree.entries(resolution.resolve(roots)).values();
    }
  }

  Forks resolution() {
    MemoryTree memory = new MemoryTree();
    Map<EventId, Pdu> byId = new HashMap<>();
    events.forEach(event -> byId.put(event.id(), event));
    Map<EventId, Long> orders = new HashMap<>();
    events.forEach(event -> order(event, byId, orders));
    List<String> roots = new ArrayList<>();
    for (Map<StateKey, EventId> state : states) {
      Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
      state.forEach((key, id) -> changes.put(key, Optional.of(id)));
      roots.add(memory.tree.update(StateTree.EMPTY, changes, memory::write));
    }
    StateEvents source =
        new StateEvents() {
          @Override
          public String rootBefore(EventId id) {
            return StateTree.EMPTY;
          }

          @Override
          public Pdu event(EventId id) {
            Pdu event = byId.get(id);
            if (event == null) {
              throw new IllegalStateException("no event " + id);
            }
            return event;
          }

          @Override
          public boolean isRejected(EventId id) {
            return false;
          }

          @Override
          public long order(EventId id) {
            return orders.getOrDefault(id, 0L);
          }
        };
    return new Forks(
        new TreeResolution(version, memory.tree, memory::write, source), memory.tree, roots);
  }

  /** One more than the greatest of its auth events. */
  private static long order(Pdu event, Map<EventId, Pdu> events, Map<EventId, Long> orders) {
    Long known = orders.get(event.id());
    if (known != null) {
      return known;
    }
    long order = 1;
    for (EventId id : event.authEvents()) {
      Pdu auth = events.get(id);
      if (auth != null) {
        order = Math.max(order, order(auth, events, orders) + 1);
      }
    }
    orders.put(event.id(), order);
    return order;
  }
}
