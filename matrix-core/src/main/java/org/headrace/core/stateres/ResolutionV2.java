package org.headrace.core.stateres;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.roomversion.StateResolutionVersion;

/**
 * State resolution versions 2 and 2.1 (room version 2 and room version 12, "State resolution"). The
 * two differ in the full conflicted set and in the state from which the auth checks start.
 */
final class ResolutionV2 {
  private final RoomVersion version;
  private final UnconflictedState unconflicted;
  private final EventSource events;
  private final boolean fromEmptyState;
  private final SortedMap<StateKey, EventId> resolved = new TreeMap<>();

  ResolutionV2(RoomVersion version, UnconflictedState unconflicted, EventSource events) {
    this.version = version;
    this.unconflicted = unconflicted;
    this.events = events;
    this.fromEmptyState = version.stateResolution() == StateResolutionVersion.V2_1;
  }

  SortedMap<StateKey, EventId> resolve(List<SortedMap<StateKey, EventId>> conflicted) {
    SortedSet<EventId> full = fullConflictedSet(conflicted);

    // 1. All power events of it, with what of their auth chains is in it, in power order.
    SortedSet<EventId> power = new TreeSet<>();
    for (EventId id : full) {
      if (isPowerEvent(events.event(id))) {
        power.add(id);
      }
    }
    power = new AuthGraph(events).withAuthChainsIn(power, full);

    // 2. Their auth checks give the partially resolved state.
    new PowerOrdering(version, events).sort(power).forEach(this::applyIfAllowed);

    // 3. All others in the order of the mainline of its power levels.
    SortedSet<EventId> others = new TreeSet<>(full);
    others.removeAll(power);
    Optional<EventId> powerLevels = entry(StateKey.POWER_LEVELS);
    List<EventId> sorted = new MainlineOrdering(powerLevels, events).sort(others);

    // 4. Their auth checks on top.
    sorted.forEach(this::applyIfAllowed);

    // 5. Unconflicted entries win.
    resolved.keySet().removeIf(key -> unconflicted.get(key).isPresent());
    return resolved;
  }

  private SortedSet<EventId> fullConflictedSet(List<SortedMap<StateKey, EventId>> conflicted) {
    SortedSet<EventId> conflictedSet = new TreeSet<>();
    conflicted.forEach(state -> conflictedSet.addAll(state.values()));
    SortedSet<EventId> full = new TreeSet<>(conflictedSet);
    full.addAll(
        AuthDifference.of(
            conflicted.stream().map(SortedMap::values).toList(), unconflicted, events));
    if (fromEmptyState) {
      full.addAll(new AuthGraph(events).subgraph(conflictedSet));
    }
    return full;
  }

  /** Whether the event might take away someone's ability to do something ("Power events"). */
  private static boolean isPowerEvent(Pdu event) {
    Optional<String> stateKey = event.stateKey();
    if (stateKey.isEmpty()) {
      return false;
    }
    return switch (event.type()) {
      case "m.room.power_levels", "m.room.join_rules" -> true;
      case "m.room.member" -> {
        String membership = event.content().path("membership").asText();
        yield (membership.equals("leave") || membership.equals("ban"))
            && !event.sender().value().equals(stateKey.get());
      }
      default -> false;
    };
  }

  /** One step of the iterative auth checks. */
  private void applyIfAllowed(EventId id) {
    Pdu event = events.event(id);
    Optional<String> stateKey = event.stateKey();
    if (stateKey.isEmpty()) {
      return;
    }
    StateLookup state = key -> lookup(event, key);
    Optional<Pdu> create =
        version.auth().createFromRoomId()
            ? Optional.of(CreateEvent.of(event, events))
            : state.get(StateKey.CREATE);
    AuthEvidence evidence = AuthEvidence.ofCreate(create);
    if (AuthRules.checkAgainst(version, event, evidence, state).isAllowed()) {
      resolved.put(new StateKey(event.type(), stateKey.get()), id);
    }
  }

  /** The state so far, and where that has no entry the event's own auth event, if accepted. */
  private Optional<Pdu> lookup(Pdu event, StateKey key) {
    Optional<EventId> present = entry(key);
    if (present.isPresent()) {
      return present.map(events::event);
    }
    for (EventId authEventId : event.authEvents()) {
      Pdu authEvent = events.event(authEventId);
      if (authEvent.is(key.type(), key.stateKey()) && !events.isRejected(authEventId)) {
        return Optional.of(authEvent);
      }
    }
    return Optional.empty();
  }

  private Optional<EventId> entry(StateKey key) {
    EventId id = resolved.get(key);
    if (id != null) {
      return Optional.of(id);
    }
    return fromEmptyState ? Optional.empty() : unconflicted.get(key);
  }
}
