package org.headrace.core.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.StateResolution;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Published state resolution scenarios of other implementations, and what comes out there. */
class ResolutionVectorsTest {

  @TestFactory
  Stream<DynamicTest> ruma() {
    return scenarios("ruma");
  }

  @TestFactory
  Stream<DynamicTest> synapse() {
    return scenarios("synapse");
  }

  @TestFactory
  Stream<DynamicTest> gomatrixserverlib() {
    return scenarios("gomatrixserverlib");
  }

  private static Stream<DynamicTest> scenarios(String origin) {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode scenario : Vectors.read("resolution/" + origin + ".json").path("scenarios")) {
      String name = scenario.path("name").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> resolvesStates(scenario)));
      if (scenario.path("replay").asBoolean()) {
        tests.add(DynamicTest.dynamicTest(name + ", replayed", () -> replays(scenario)));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static void resolvesStates(JsonNode scenario) {
    RoomVersion version = Vectors.version(scenario);
    for (boolean ordered : new boolean[] {true, false}) {
      Vectors.Source events = Vectors.source(scenario.path("events"), ordered);
      List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
      for (JsonNode state : scenario.path("states")) {
        states.add(state(Vectors.ids(state), events));
      }
      SortedMap<StateKey, EventId> resolved = expected(scenario, events);
      assertThat(StateResolution.resolve(version, states, events)).isEqualTo(resolved);
      assertThat(StateResolution.resolve(version, states.reversed(), events)).isEqualTo(resolved);
    }
  }

  /** From the create event on, each event on the resolution of the states before it. */
  private static void replays(JsonNode scenario) {
    RoomVersion version = Vectors.version(scenario);
    Vectors.Source events = Vectors.source(scenario.path("events"), true);
    Map<EventId, SortedMap<StateKey, EventId>> after = new TreeMap<>();
    SortedSet<EventId> extremities = new TreeSet<>();
    Deque<Pdu> open = new ArrayDeque<>(events.all());
    while (!open.isEmpty()) {
      Pdu event = open.remove();
      if (!after.keySet().containsAll(event.prevEvents())) {
        open.add(event);
        continue;
      }
      SortedMap<StateKey, EventId> state =
          StateResolution.resolve(
              version, event.prevEvents().stream().map(after::get).toList(), events);
      assertThat(isAllowed(version, event, state, events)).as(event.id().value()).isTrue();
      event.stateKey().ifPresent(key -> state.put(new StateKey(event.type(), key), event.id()));
      after.put(event.id(), state);
      event.prevEvents().forEach(extremities::remove);
      extremities.add(event.id());
    }
    // An extremity that was built upon before it was met is none.
    events.all().forEach(event -> event.prevEvents().forEach(extremities::remove));
    List<SortedMap<StateKey, EventId>> tips = extremities.stream().map(after::get).toList();
    assertThat(StateResolution.resolve(version, tips, events))
        .isEqualTo(expected(scenario, events));
  }

  private static boolean isAllowed(
      RoomVersion version, Pdu event, SortedMap<StateKey, EventId> state, Vectors.Source events) {
    StateLookup lookup = key -> Optional.ofNullable(state.get(key)).map(events::event);
    Optional<Pdu> create = lookup.get(StateKey.CREATE);
    return AuthRules.checkAgainst(version, event, AuthEvidence.ofCreate(create), lookup)
        .isAllowed();
  }

  private static SortedMap<StateKey, EventId> expected(JsonNode scenario, Vectors.Source events) {
    return state(Vectors.ids(scenario.path("resolved")), events);
  }

  private static SortedMap<StateKey, EventId> state(List<EventId> ids, Vectors.Source events) {
    SortedMap<StateKey, EventId> state = new TreeMap<>();
    for (EventId id : ids) {
      Pdu event = events.event(id);
      state.put(new StateKey(event.type(), event.stateKey().orElseThrow()), id);
    }
    return state;
  }
}
