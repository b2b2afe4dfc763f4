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
 * the smallest id (room version 2, "Reverse topological power ordering"). The graph is that of the
 * events to sort: a path through others is none, for Synapse and ruma-state-res too.
 */
final class PowerOrdering {
  private final RoomVersion version;
  private final EventSource events;
  private final SortedMap<EventId, Long> senderLevels = new TreeMap<>();

  PowerOrdering(RoomVersion version, EventSource events) {
    this.version = version;
    this.events = events;
  }

  /**
   * The set in power order. What lies on or above a cycle of auth events, which only given ids
   * allow for, has no place in an order and is left out.
   */
  List<EventId> sort(SortedSet<EventId> set) {
    SortedMap<EventId, Integer> waitsFor = new TreeMap<>();
    SortedMap<EventId, List<EventId>> dependents = new TreeMap<>();
    PriorityQueue<Free> free = new PriorityQueue<>();
    for (EventId id : set) {
      SortedSet<EventId> before = new TreeSet<>(events.authEvents(id));
      before.removeIf(authEvent -> !set.contains(authEvent));
      for (EventId earlier : before) {
        dependents.computeIfAbsent(earlier, unseen -> new ArrayList<>()).add(id);
      }
      waitsFor.put(id, before.size());
      if (before.isEmpty()) {
        free.add(free(id));
      }
    }
    List<EventId> sorted = new ArrayList<>(set.size());
    while (!free.isEmpty()) {
      EventId id = free.remove().id();
      sorted.add(id);
      for (EventId dependent : dependents.getOrDefault(id, List.of())) {
        if (waitsFor.merge(dependent, -1, Integer::sum) == 0) {
          free.add(free(dependent));
        }
      }
    }
    return sorted;
  }

  /** The power levels of the events' senders, by event. */
  SortedMap<EventId, Long> senderLevels(List<EventId> of) {
    of.forEach(this::senderLevel);
    return senderLevels;
  }

  private Free free(EventId id) {
    return new Free(senderLevel(id), events.event(id).originServerTs(), id);
  }

  /** An event that waits for none, and what it is chosen by. */
  private record Free(long senderLevel, long originServerTs, EventId id)
      implements Comparable<Free> {
    private static final Comparator<Free> ORDER =
        Comparator.comparingLong(Free::senderLevel)
            .reversed()
            .thenComparingLong(Free::originServerTs)
            .thenComparing(Free::id);

    @Override
    public int compareTo(Free other) {
      return ORDER.compare(this, other);
    }
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
    for (EventId authEventId : events.authEvents(id)) {
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
