package org.headrace.differential;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.core.stateres.StateResolution;

/**
 * What is asked about a room, and Headrace's own answer. Events are named by their index.
 *
 * @param judged events whose verdicts are wanted
 * @param forks sets of states to resolve
 */
record Question(
    Room room, List<Integer> judged, List<List<SortedMap<StateKey, EventId>>> forks) {

  /** All events and all forks of a room. */
  static Question of(Room room) {
    List<Integer> judged = new ArrayList<>();
    for (int i = 0; i < room.events.size(); i++) {
      judged.add(i);
    }
    List<List<SortedMap<StateKey, EventId>>> forks = new ArrayList<>();
    for (List<EventId> tips : room.forks) {
      forks.add(tips.stream().map(room::stateAfter).toList());
    }
    return new Question(room, judged, forks);
  }

  /**
   * One line of JSON: {@code version}, {@code events} (id, rejected, prev, auth, pdu), {@code
   * states} (lists of indexes), {@code judged} (pairs of event and state before), {@code forks}
   * (lists of states).
   */
  byte[] line() {
    SortedSet<Integer> needed = needed();
    Map<Integer, Integer> numbers = new TreeMap<>();
    ObjectNode json = Json.object();
    json.put("version", room.version.id());
    ArrayNode events = json.putArray("events");
    for (int index : needed) {
      numbers.put(index, numbers.size());
      Pdu event = room.events.get(index);
      ObjectNode entry = events.addObject();
      entry.put("id", event.id().value());
      entry.put("rejected", !room.isAccepted(index));
      event.prevEvents().forEach(id -> entry.withArray("prev").add(id.value()));
      event.authEvents().forEach(id -> entry.withArray("auth").add(id.value()));
      entry.set("pdu", event.json());
    }
    Map<SortedMap<StateKey, EventId>, Integer> states = new LinkedHashMap<>();
    ArrayNode judgedJson = json.putArray("judged");
    for (int index : judged) {
      ArrayNode pair = judgedJson.addArray();
      pair.add(numbers.get(index));
      pair.add(number(states, room.stateBefore(index)));
    }
    ArrayNode forksJson = json.putArray("forks");
    for (List<SortedMap<StateKey, EventId>> fork : forks) {
      ArrayNode forkJson = forksJson.addArray();
      fork.forEach(state -> forkJson.add(number(states, state)));
    }
    ArrayNode statesJson = json.putArray("states");
    for (SortedMap<StateKey, EventId> state : states.keySet()) {
      ArrayNode stateJson = statesJson.addArray();
      state.values().forEach(id -> stateJson.add(numbers.get(room.index(id))));
    }
    return Json.bytes(json);
  }

  private static int number(
      Map<SortedMap<StateKey, EventId>, Integer> states, SortedMap<StateKey, EventId> state) {
    return states.computeIfAbsent(state, unseen -> states.size());
  }

  /** The indexes of all events that an answer can depend on. */
  SortedSet<Integer> needed() {
    SortedSet<Integer> needed = new TreeSet<>();
    need(0, needed);
    for (int index : judged) {
      need(index, needed);
      room.stateBefore(index).values().forEach(id -> need(room.index(id), needed));
    }
    forks.forEach(
        fork ->
            fork.forEach(
                state -> state.values().forEach(id -> need(room.index(id), needed))));
    return needed;
  }

  private void need(int index, SortedSet<Integer> needed) {
    if (needed.add(index)) {
      room.events.get(index).authEvents().forEach(id -> need(room.index(id), needed));
    }
  }

  /** Headrace's answer. */
  Answer answer() {
    List<Integer> order = List.copyOf(needed());
    Map<Integer, Integer> numbers = new TreeMap<>();
    order.forEach(index -> numbers.put(index, numbers.size()));
    List<String> resolved = new ArrayList<>();
    for (List<SortedMap<StateKey, EventId>> fork : forks) {
      SortedSet<Integer> ids = new TreeSet<>();
      StateResolution.resolve(room.version, fork, room)
          .values()
          .forEach(id -> ids.add(numbers.get(room.index(id))));
      resolved.add(String.join(",", ids.stream().map(String::valueOf).toList()));
    }
    StringBuilder verdicts = new StringBuilder();
    for (int index : judged) {
      Room.Verdicts verdict = room.verdicts.get(index);
      verdicts.append(verdict.selection() ? '1' : '0');
      verdicts.append(verdict.authEvents() ? '1' : '0');
      verdicts.append(verdict.before() ? '1' : '0');
    }
    return new Answer(resolved, verdicts.toString());
  }
}
