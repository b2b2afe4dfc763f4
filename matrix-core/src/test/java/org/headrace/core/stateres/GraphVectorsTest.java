package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.id.EventId;
import org.headrace.core.vectors.Vectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Other implementations' cases of what state resolution is made of: walks and orders. */
class GraphVectorsTest {
  private static final List<String> ORIGINS = List.of("ruma", "synapse", "gomatrixserverlib");

  /** A vector's check, given its events with known and with unknown order. */
  private interface Check {
    void run(JsonNode vector, EventSource events);
  }

  @TestFactory
  Stream<DynamicTest> orders() {
    return tests(
        "orders",
        (vector, events) -> {
          SortedSet<EventId> set = new TreeSet<>(Vectors.ids(vector.path("set")));
          List<EventId> sorted =
              switch (vector.path("kind").asText()) {
                case "power" -> new PowerOrdering(Vectors.version(vector), events).sort(set);
                default -> {
                  EventId levels = new EventId(vector.path("power_levels").asText());
                  yield new MainlineOrdering(Optional.of(levels), events).sort(set);
                }
              };
          assertThat(sorted).isEqualTo(Vectors.ids(vector.path("sorted")));
        });
  }

  @TestFactory
  Stream<DynamicTest> subgraphs() {
    return tests(
        "subgraphs",
        (vector, events) -> {
          SortedSet<EventId> conflicted = new TreeSet<>(Vectors.ids(vector.path("conflicted")));
          assertThat(new AuthGraph(events).subgraph(conflicted))
              .containsExactlyInAnyOrderElementsOf(Vectors.ids(vector.path("subgraph")));
        });
  }

  /**
   * A state's own events are in its full auth chain (ADR 6). The full conflicted set, which is what
   * a difference is for, holds the conflicted events anyhow.
   */
  @TestFactory
  Stream<DynamicTest> differences() {
    return tests(
        "differences",
        (vector, events) -> {
          List<List<EventId>> states = new ArrayList<>();
          vector.path("states").forEach(state -> states.add(Vectors.ids(state)));
          SortedSet<EventId> full = new TreeSet<>();
          states.forEach(full::addAll);
          SortedSet<EventId> expected = new TreeSet<>(full);
          expected.addAll(Vectors.ids(vector.path("difference")));
          full.addAll(AuthDifference.of(states, UnconflictedState.of(new TreeMap<>()), events));
          assertThat(full).isEqualTo(expected);
        });
  }

  private static Stream<DynamicTest> tests(String kind, Check check) {
    List<DynamicTest> tests = new ArrayList<>();
    for (String origin : ORIGINS) {
      for (JsonNode vector : Vectors.read("resolution/" + origin + ".json").path(kind)) {
        String name = origin + ": " + vector.path("name").asText();
        for (boolean ordered : new boolean[] {true, false}) {
          tests.add(
              DynamicTest.dynamicTest(
                  name + (ordered ? "" : ", unordered"),
                  () -> check.run(vector, Vectors.source(vector.path("events"), ordered))));
        }
      }
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }
}
