package org.headrace.core.stateres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.headrace.core.auth.AuthResult;
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
  private final ResolutionTrace trace;
  private final SortedMap<StateKey, EventId> resolved = new TreeMap<>();

  ResolutionV1(
      RoomVersion version,
      UnconflictedState unconflicted,
      EventSource events,
      ResolutionTrace trace) {
    this.version = version;
    this.unconflicted = unconflicted;
    this.events = events;
    this.trace = trace;
  }

  SortedMap<StateKey, EventId> resolve(List<SortedMap<StateKey, EventId>> states) {
    SortedMap<StateKey, SortedSet<EventId>> candidates = StateResolution.candidates(states);
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
      SortedMap<StateKey, EventId> ofType = new TreeMap<>();
      for (Map.Entry<StateKey, SortedSet<EventId>> conflict : conflicts.entrySet()) {
        if (conflict.getKey().type().equals(type)) {
          ofType.put(conflict.getKey(), resolveAuthEvents(conflict.getKey(), conflict.getValue()));
        }
      }
      resolved.putAll(ofType);
    }
    SortedMap<StateKey, EventId> others = new TreeMap<>();
    for (Map.Entry<StateKey, SortedSet<EventId>> conflict : conflicts.entrySet()) {
      if (!resolved.containsKey(conflict.getKey())) {
        others.put(conflict.getKey(), latestAllowed(conflict.getKey(), conflict.getValue()));
      }
    }
    resolved.putAll(others);
    return resolved;
  }

  /**
   * From the first on, each event that the state so far allows, until one is not allowed.
   *
   * <p>The state does not keep it yet: the specification does not say in which order the conflicts
   * of one type come, and Synapse and gomatrixserverlib resolve them apart from each other, so that
   * it does not matter.
   */
  private EventId resolveAuthEvents(StateKey key, SortedSet<EventId> ids) {
    List<EventId> sorted = sorted(key, ids);
    resolved.put(key, sorted.getFirst());
    for (EventId id : sorted.subList(1, sorted.size())) {
      if (!isAllowed(id, ResolutionTrace.Phase.V1_IN_TURN)) {
        break;
      }
      resolved.put(key, id);
    }
    return Objects.requireNonNull(resolved.remove(key));
  }

  /**
   * The last that the state allows.
   *
   * <p>NOTSPEC: the first where it allows none; the specification does not say what happens then,
   * and Synapse and gomatrixserverlib keep that one.
   */
  private EventId latestAllowed(StateKey key, SortedSet<EventId> ids) {
    List<EventId> sorted = sorted(key, ids);
    return sorted.reversed().stream()
        .filter(id -> isAllowed(id, ResolutionTrace.Phase.V1_LAST_ALLOWED))
        .findFirst()
        .orElse(sorted.getFirst());
  }

  /** Ascending depth, then descending SHA-1 of the event id. */
  private List<EventId> sorted(StateKey key, SortedSet<EventId> ids) {
    List<EventId> sorted = new ArrayList<>(ids);
    sorted.sort(
        Comparator.<EventId>comparingLong(id -> events.event(id).depth())
            .thenComparing(ResolutionV1::sha1, (a, b) -> Arrays.compareUnsigned(b, a)));
    trace.candidateOrder(key, sorted);
    return sorted;
  }

  private boolean isAllowed(EventId id, ResolutionTrace.Phase phase) {
    StateLookup state = key -> lookup(key);
    AuthResult result = AuthRules.check(version, events.event(id), state);
    trace.checked(phase, id, result);
    return result.isAllowed();
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
