package org.headrace.core.stateres;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.EventId;

/** Walks of the auth graph that go no further back than a given set of events. */
final class AuthGraph {
  private final EventSource events;

  AuthGraph(EventSource events) {
    this.events = events;
  }

  /**
   * The conflicted state subgraph: all events on paths along auth events from one of these events
   * to another, ends included (room version 12, "Conflicted state subgraph").
   */
  SortedSet<EventId> subgraph(SortedSet<EventId> conflicted) {
    long orderMin = orderMin(conflicted);
    SortedMap<EventId, Boolean> reaches = new TreeMap<>();
    Deque<EventId> open = new ArrayDeque<>();
    conflicted.forEach(open::push);
    while (!open.isEmpty()) {
      EventId id = open.peek();
      if (reaches.containsKey(id)) {
        open.pop();
        continue;
      }
      boolean waits = false;
      boolean reached = false;
      for (EventId authEvent : events.event(id).authEvents()) {
        if (isBefore(authEvent, orderMin)) {
          continue;
        }
        Boolean behind = reaches.get(authEvent);
        if (behind == null) {
          open.push(authEvent);
          waits = true;
        } else {
          reached |= behind;
        }
      }
      if (!waits) {
        open.pop();
        reaches.put(id, reached || conflicted.contains(id));
      }
    }
    SortedSet<EventId> subgraph = new TreeSet<>();
    reaches.forEach(
        (id, reached) -> {
          if (reached) {
            subgraph.add(id);
          }
        });
    return subgraph;
  }

  /** The members of the set that are in the auth chain of one of the events, and these events. */
  SortedSet<EventId> withAuthChainsIn(SortedSet<EventId> from, SortedSet<EventId> set) {
    long orderMin = orderMin(set);
    SortedSet<EventId> visited = new TreeSet<>(from);
    Deque<EventId> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      for (EventId authEvent : events.event(open.pop()).authEvents()) {
        if (!isBefore(authEvent, orderMin) && visited.add(authEvent)) {
          open.push(authEvent);
        }
      }
    }
    visited.retainAll(set);
    visited.addAll(from);
    return visited;
  }

  /** The members of the set that the event's auth chain meets first on each path. */
  SortedSet<EventId> nearest(EventId id, SortedSet<EventId> set, long orderMin) {
    SortedSet<EventId> nearest = new TreeSet<>();
    SortedSet<EventId> visited = new TreeSet<>();
    Deque<EventId> open = new ArrayDeque<>();
    open.push(id);
    while (!open.isEmpty()) {
      for (EventId authEvent : events.event(open.pop()).authEvents()) {
        if (isBefore(authEvent, orderMin) || !visited.add(authEvent)) {
          continue;
        }
        if (set.contains(authEvent)) {
          nearest.add(authEvent);
        } else {
          open.push(authEvent);
        }
      }
    }
    return nearest;
  }

  /** The smallest order of the set; 0 if one is unknown. */
  long orderMin(SortedSet<EventId> set) {
    return set.stream().mapToLong(events::order).min().orElse(0);
  }

  private boolean isBefore(EventId id, long orderMin) {
    return orderMin > 0 && events.order(id) < orderMin;
  }
}
