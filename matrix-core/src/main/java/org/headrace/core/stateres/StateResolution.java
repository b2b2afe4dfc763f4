package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;

/**
 * State resolution: one room state of several forks' states (spec, room versions, "State
 * resolution"). A pure function of its input: the order of the states does not matter, walks are
 * iterative, nothing depends on a hash order.
 */
public final class StateResolution {
  private StateResolution() {}

  /** The resolution of whole states. */
  public static SortedMap<StateKey, EventId> resolve(
      RoomVersion version, List<SortedMap<StateKey, EventId>> states, EventSource events) {
    if (states.isEmpty()) {
      return new TreeMap<>();
    }
    SortedMap<StateKey, EventId> unconflicted = new TreeMap<>(states.getFirst());
    SortedSet<StateKey> keys = new TreeSet<>();
    for (SortedMap<StateKey, EventId> state : states) {
      keys.addAll(state.keySet());
      unconflicted.entrySet().removeIf(e -> !e.getValue().equals(state.get(e.getKey())));
    }
    keys.removeAll(unconflicted.keySet());
    List<SortedMap<StateKey, EventId>> conflicted = new ArrayList<>();
    for (SortedMap<StateKey, EventId> state : states) {
      SortedMap<StateKey, EventId> differing = new TreeMap<>();
      for (StateKey key : keys) {
        EventId id = state.get(key);
        if (id != null) {
          differing.put(key, id);
        }
      }
      conflicted.add(differing);
    }
    SortedMap<StateKey, EventId> resolved = new TreeMap<>(unconflicted);
    resolved.putAll(
        resolveConflicts(version, UnconflictedState.of(unconflicted), conflicted, events));
    return resolved;
  }

  /**
   * The resolution where only what differs is at hand.
   *
   * @param unconflicted the entries that all states have with the same event
   * @param conflicted per state its other entries; a key is in at least one of them, and not in
   *     {@code unconflicted}
   * @return what to put on top of the unconflicted entries; a conflicted key that is not in it is
   *     not in the resolved state, and a key that is in no state can be
   */
  public static SortedMap<StateKey, EventId> resolveConflicts(
      RoomVersion version,
      UnconflictedState unconflicted,
      List<SortedMap<StateKey, EventId>> conflicted,
      EventSource events) {
    return resolveConflicts(version, unconflicted, conflicted, events, ResolutionTrace.NONE);
  }

  /** The same, told to a trace as it happens. */
  public static SortedMap<StateKey, EventId> resolveConflicts(
      RoomVersion version,
      UnconflictedState unconflicted,
      List<SortedMap<StateKey, EventId>> conflicted,
      EventSource events,
      ResolutionTrace trace) {
    if (conflicted.stream().allMatch(Map::isEmpty)) {
      return new TreeMap<>();
    }
    EventSource cached = events.cached();
    if (trace != ResolutionTrace.NONE) {
      trace.conflicts(candidates(conflicted));
    }
    return switch (version.stateResolution()) {
      case V1 -> new ResolutionV1(version, unconflicted, cached, trace).resolve(conflicted);
      case V2, V2_1 -> new ResolutionV2(version, unconflicted, cached, trace).resolve(conflicted);
    };
  }

  /** The conflicted events by their entries. */
  static SortedMap<StateKey, SortedSet<EventId>> candidates(
      List<SortedMap<StateKey, EventId>> conflicted) {
    SortedMap<StateKey, SortedSet<EventId>> candidates = new TreeMap<>();
    for (SortedMap<StateKey, EventId> state : conflicted) {
      state.forEach(
          (key, id) -> candidates.computeIfAbsent(key, unseen -> new TreeSet<>()).add(id));
    }
    return candidates;
  }
}
