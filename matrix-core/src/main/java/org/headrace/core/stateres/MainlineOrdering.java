package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
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

  private final SortedMap<EventId, Integer> positions = new TreeMap<>();

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
    List<Placed> sorted = new ArrayList<>(set.size());
    for (EventId id : set) {
      int position = position(id);
      positions.put(id, position);
      sorted.add(new Placed(position, events.event(id).originServerTs(), id));
    }
    sorted.sort(null);
    return sorted.stream().map(Placed::id).toList();
  }

  /** What an event is sorted by. */
  private record Placed(int position, long originServerTs, EventId id)
      implements Comparable<Placed> {
    private static final Comparator<Placed> ORDER =
        Comparator.comparingInt(Placed::position)
            .reversed()
            .thenComparingLong(Placed::originServerTs)
            .thenComparing(Placed::id);

    @Override
    public int compareTo(Placed other) {
      return ORDER.compare(this, other);
    }
  }

  /** How far back each sorted event joins the mainline. */
  SortedMap<EventId, Integer> positions() {
    return positions;
  }

  private int position(EventId id) {
    SortedSet<EventId> path = new TreeSet<>();
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
      if (!path.add(next.get())) {
        // A cycle, which only given ids allow for, never meets the mainline.
        break;
      }
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
      if (mainline.putIfAbsent(rest.get(), mainline.size()) != null) {
        rest = Optional.empty();
        return;
      }
      lastOrder = events.order(rest.get());
      rest = powerLevelsOf(rest.get());
    }
  }

  /** Whether the whole mainline lies after this event, so that its chain cannot meet it. */
  private boolean endsBefore(EventId id) {
    return rest.isEmpty() && events.order(id) < lastOrder;
  }

  private Optional<EventId> powerLevelsOf(EventId id) {
    for (EventId authEventId : events.authEvents(id)) {
      Pdu authEvent = events.event(authEventId);
      if (authEvent.is("m.room.power_levels", "")) {
        return Optional.of(authEventId);
      }
    }
    return Optional.empty();
  }
}
