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

  /** The order of the last event of the mainline. */
  private long lastOrder = Long.MAX_VALUE;

  /** Positions of power levels events met on the way, so that each is walked once. */
  private final SortedMap<EventId, Integer> known = new TreeMap<>();

  /** The first event of the mainline that was not needed so far. */
  private Optional<EventId> rest;

  MainlineOrdering(Optional<EventId> powerLevels, EventSource events) {
    this.events = events;
    this.rest = powerLevels;
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
      extendTo(events.order(next.get()));
      if (endsBefore(next.get())) {
        break;
      }
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

  /** Follows the mainline as far back as an event of this order can lie. */
  private void extendTo(long order) {
    while (rest.isPresent() && (order == 0 || events.order(rest.get()) >= order)) {
      mainline.put(rest.get(), mainline.size());
      lastOrder = events.order(rest.get());
      rest = powerLevelsOf(rest.get());
    }
  }

  /** Whether the whole mainline lies after this event, so that its chain cannot meet it. */
  private boolean endsBefore(EventId id) {
    return rest.isEmpty() && events.order(id) < lastOrder;
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
