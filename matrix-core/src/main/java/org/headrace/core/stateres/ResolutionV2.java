package org.headrace.core.stateres;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
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
  private final ResolutionTrace trace;
  private final SortedMap<StateKey, EventId> resolved = new TreeMap<>();

  ResolutionV2(
      RoomVersion version,
      UnconflictedState unconflicted,
      EventSource events,
      ResolutionTrace trace) {
    this.version = version;
    this.unconflicted = unconflicted;
    this.events = events;
    this.trace = trace;
    this.fromEmptyState = version.stateResolution() == StateResolutionVersion.V2_1;
  }

  SortedMap<StateKey, EventId> resolve(List<SortedMap<StateKey, EventId>> conflicted) {
    SortedSet<EventId> full = fullConflictedSet(conflicted);
    trace.fullConflictedSet(full);

    // 1. All power events of it, with what of their auth chains is in it, in power order.
    SortedSet<EventId> power = new TreeSet<>();
    for (EventId id : full) {
      if (isPowerEvent(events.event(id))) {
        power.add(id);
      }
    }
    power = new AuthGraph(events).reachedWithin(full, power);

    // 2. Their auth checks give the partially resolved state.
    PowerOrdering powerOrdering = new PowerOrdering(version, events);
    List<EventId> powerOrder = powerOrdering.sort(power);
    if (trace != ResolutionTrace.NONE) {
      trace.powerOrder(powerOrder, powerOrdering.senderLevels(powerOrder));
    }
    powerOrder.forEach(id -> applyIfAllowed(id, ResolutionTrace.Phase.POWER));

    // 3. All others in the order of the mainline of its power levels.
    SortedSet<EventId> others = new TreeSet<>(full);
    others.removeAll(power);
    Optional<EventId> powerLevels = entry(StateKey.POWER_LEVELS);
    MainlineOrdering mainline = new MainlineOrdering(powerLevels, events);
    List<EventId> sorted = mainline.sort(others);
    trace.mainlineOrder(powerLevels, sorted, mainline.positions());

    // 4. Their auth checks on top.
    sorted.forEach(id -> applyIfAllowed(id, ResolutionTrace.Phase.MAINLINE));

    // 5. Unconflicted entries win.
    resolved.keySet().removeIf(this::isUnconflicted);
    return resolved;
  }

  private boolean isUnconflicted(StateKey key) {
    Optional<EventId> shared = unconflicted.get(key);
    shared.ifPresent(event -> trace.unconflictedWins(key, event));
    return shared.isPresent();
  }

  private SortedSet<EventId> fullConflictedSet(List<SortedMap<StateKey, EventId>> conflicted) {
    SortedSet<EventId> conflictedSet = new TreeSet<>();
    conflicted.forEach(state -> conflictedSet.addAll(state.values()));
    SortedSet<EventId> full = new TreeSet<>(conflictedSet);
    full.addAll(
        AuthDifference.beyond(
            conflictedSet,
            conflicted.stream().map(SortedMap::values).toList(),
            unconflicted,
            events));
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
  private void applyIfAllowed(EventId id, ResolutionTrace.Phase phase) {
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
    AuthResult result = AuthRules.checkAgainst(version, event, evidence, state);
    trace.checked(phase, id, result);
    if (result.isAllowed()) {
      resolved.put(new StateKey(event.type(), stateKey.get()), id);
    }
  }

  /** The state so far, and where that has no entry the event's own auth event, if accepted. */
  private Optional<Pdu> lookup(Pdu event, StateKey key) {
    Optional<EventId> present = entry(key);
    if (present.isPresent()) {
      return present.map(events::event);
    }
    for (EventId authEventId : events.authEvents(event.id())) {
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
