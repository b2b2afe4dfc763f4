package org.headrace.core.stateres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;

/** State resolution of room version 1 (spec, room version 1, "State resolution"). */
final class ResolutionV1 {
  private final RoomVersion version;
  private final UnconflictedState unconflicted;
  private final EventSource events;
  private final SortedMap<StateKey, EventId> resolved = new TreeMap<>();

  ResolutionV1(RoomVersion version, UnconflictedState unconflicted, EventSource events) {
    this.version = version;
    this.unconflicted = unconflicted;
    this.events = events;
  }

  SortedMap<StateKey, EventId> resolve(List<SortedMap<StateKey, EventId>> states) {
    SortedMap<StateKey, SortedSet<EventId>> candidates = new TreeMap<>();
    for (SortedMap<StateKey, EventId> state : states) {
      state.forEach(
          (key, id) -> candidates.computeIfAbsent(key, unseen -> new TreeSet<>()).add(id));
    }
    // The union of the states: here only entries with different events are in conflict.
    SortedMap<StateKey, SortedSet<EventId>> conflicts = new TreeMap<>();
    candidates.forEach(
        (key, ids) -> {
          if (ids.size() == 1) {
            resolved.put(key, ids.getFirst());
          } else {
            conflicts.put(key, ids);
          }
        });
    for (String type : List.of("m.room.power_levels", "m.room.join_rules", "m.room.member")) {
      for (Map.Entry<StateKey, SortedSet<EventId>> conflict : conflicts.entrySet()) {
        if (conflict.getKey().type().equals(type)) {
          resolveAuthEvents(conflict.getKey(), conflict.getValue());
        }
      }
    }
    SortedMap<StateKey, EventId> others = new TreeMap<>();
    for (Map.Entry<StateKey, SortedSet<EventId>> conflict : conflicts.entrySet()) {
      if (!resolved.containsKey(conflict.getKey())) {
        latestAllowed(conflict.getValue()).ifPresent(id -> others.put(conflict.getKey(), id));
      }
    }
    resolved.putAll(others);
    return resolved;
  }

  /** From the first on, each event that the state so far allows, until one is not allowed. */
  private void resolveAuthEvents(StateKey key, SortedSet<EventId> ids) {
    List<EventId> sorted = sorted(ids);
    resolved.put(key, sorted.getFirst());
    for (EventId id : sorted.subList(1, sorted.size())) {
      if (!isAllowed(id)) {
        return;
      }
      resolved.put(key, id);
    }
  }

  private Optional<EventId> latestAllowed(SortedSet<EventId> ids) {
    return sorted(ids).reversed().stream().filter(this::isAllowed).findFirst();
  }

  /** Ascending depth, then descending SHA-1 of the event id. */
  private List<EventId> sorted(SortedSet<EventId> ids) {
    List<EventId> sorted = new ArrayList<>(ids);
    sorted.sort(
        Comparator.<EventId>comparingLong(id -> events.event(id).depth())
            .thenComparing(ResolutionV1::sha1, (a, b) -> Arrays.compareUnsigned(b, a)));
    return sorted;
  }

  private boolean isAllowed(EventId id) {
    StateLookup state = key -> lookup(key);
    return AuthRules.check(version, events.event(id), state).isAllowed();
  }

  private Optional<Pdu> lookup(StateKey key) {
    return Optional.ofNullable(resolved.get(key))
        .or(() -> unconflicted.get(key))
        .map(events::event);
  }

  private static byte[] sha1(EventId id) {
    try {
      return MessageDigest.getInstance("SHA-1")
          .digest(id.value().getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
