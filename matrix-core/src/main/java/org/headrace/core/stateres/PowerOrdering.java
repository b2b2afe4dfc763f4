package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The reverse topological power ordering: Kahn's algorithm over auth events, earliest first, and of
 * the events that are free at a step the one with the most powerful sender, then the oldest, then
 * the smallest id (room version 2, "Reverse topological power ordering").
 */
final class PowerOrdering {
  private final RoomVersion version;
  private final EventSource events;
  private final SortedMap<EventId, Long> senderLevels = new TreeMap<>();

  PowerOrdering(RoomVersion version, EventSource events) {
    this.version = version;
    this.events = events;
  }

  List<EventId> sort(SortedSet<EventId> set) {
    AuthGraph graph = new AuthGraph(events);
    long orderMin = graph.orderMin(set);
    SortedMap<EventId, Integer> waitsFor = new TreeMap<>();
    SortedMap<EventId, SortedSet<EventId>> dependents = new TreeMap<>();
    PriorityQueue<EventId> free = new PriorityQueue<>(comparator());
    for (EventId id : set) {
      SortedSet<EventId> before = graph.nearest(id, set, orderMin);
      for (EventId earlier : before) {
        dependents.computeIfAbsent(earlier, unseen -> new TreeSet<>()).add(id);
      }
      waitsFor.put(id, before.size());
      if (before.isEmpty()) {
        free.add(id);
      }
    }
    List<EventId> sorted = new ArrayList<>(set.size());
    while (!free.isEmpty()) {
      EventId id = free.remove();
      sorted.add(id);
      for (EventId dependent : dependents.getOrDefault(id, new TreeSet<>())) {
        if (waitsFor.merge(dependent, -1, Integer::sum) == 0) {
          free.add(dependent);
        }
      }
    }
    return sorted;
  }

  private Comparator<EventId> comparator() {
    return Comparator.<EventId>comparingLong(this::senderLevel)
        .reversed()
        .thenComparingLong(id -> events.event(id).originServerTs())
        .thenComparing(Comparator.naturalOrder());
  }

  /** The sender's power level under the event's own auth events. */
  private long senderLevel(EventId id) {
    Long known = senderLevels.get(id);
    if (known != null) {
      return known;
    }
    Pdu event = events.event(id);
    Optional<Pdu> powerLevels = Optional.empty();
    Optional<Pdu> create = Optional.empty();
    for (EventId authEventId : event.authEvents()) {
      Pdu authEvent = events.event(authEventId);
      if (authEvent.is("m.room.power_levels", "")) {
        powerLevels = Optional.of(authEvent);
      } else if (authEvent.is("m.room.create", "")) {
        create = Optional.of(authEvent);
      }
    }
    if (version.auth().createFromRoomId()) {
      create = Optional.of(CreateEvent.of(event, events));
    }
    long level = PowerLevels.of(version, powerLevels, create).userLevel(event.sender());
    senderLevels.put(id, level);
    return level;
  }
}
