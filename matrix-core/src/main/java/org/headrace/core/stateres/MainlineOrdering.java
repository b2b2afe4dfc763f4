package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;

/**
 * The mainline ordering: by how far back along the power levels events the event's own power levels
 * join the mainline, furthest first, then by age, then by id (room version 2, "Mainline ordering").
 */
final class MainlineOrdering {
  /** The position of an event that never meets the mainline; above every other. */
  private static final int NEVER = Integer.MAX_VALUE;

  private final EventSource events;
  private final SortedMap<EventId, Integer> mainline = new TreeMap<>();

  /** Positions of power levels events met on the way, so that each is walked once. */
  private final SortedMap<EventId, Integer> known = new TreeMap<>();

  MainlineOrdering(Optional<EventId> powerLevels, EventSource events) {
    this.events = events;
    Optional<EventId> next = powerLevels;
    while (next.isPresent() && !mainline.containsKey(next.get())) {
      mainline.put(next.get(), mainline.size());
      next = powerLevelsOf(next.get());
    }
  }

  List<EventId> sort(Collection<EventId> set) {
    List<EventId> sorted = new ArrayList<>(set);
    SortedMap<EventId, Integer> positions = new TreeMap<>();
    for (EventId id : sorted) {
      positions.put(id, position(id));
    }
    sorted.sort(
        Comparator.<EventId>comparingInt(positions::get)
            .reversed()
            .thenComparingLong(id -> events.event(id).originServerTs())
            .thenComparing(Comparator.naturalOrder()));
    return sorted;
  }

  private int position(EventId id) {
    List<EventId> path = new ArrayList<>();
    Optional<EventId> next = powerLevelsOf(id);
    int position = NEVER;
    while (next.isPresent()) {
      Integer found = mainline.getOrDefault(next.get(), known.get(next.get()));
      if (found != null) {
        position = found;
        break;
      }
      path.add(next.get());
      next = powerLevelsOf(next.get());
    }
    for (EventId passed : path) {
      known.put(passed, position);
    }
    return position;
  }

  private Optional<EventId> powerLevelsOf(EventId id) {
    for (EventId authEventId : events.event(id).authEvents()) {
      Pdu authEvent = events.event(authEventId);
      if (authEvent.is("m.room.power_levels", "")) {
        return Optional.of(authEventId);
      }
    }
    return Optional.empty();
  }
}
