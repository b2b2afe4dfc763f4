package org.headrace.core.stateres;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.EventId;

/**
 * Walks of the auth graph that go no further back than a given set of events. Each event is visited
 * once, so a cycle ends them too.
 */
final class AuthGraph {
  private final EventSource events;

  AuthGraph(EventSource events) {
    this.events = events;
  }

  /**
   * The conflicted state subgraph: all events on paths along auth events from one of these events
   * to another, ends included (room version 12, "Conflicted state subgraph"). These are the events
   * behind one of them from which one of them is reached.
   */
  SortedSet<EventId> subgraph(SortedSet<EventId> conflicted) {
    return reaching(conflicted, dependents(conflicted));
  }

  /**
   * The events from which one of these is reached, among those that were walked.
   *
   * @param dependents as {@link #dependents} gives them
   */
  private static SortedSet<EventId> reaching(
      SortedSet<EventId> ends, SortedMap<EventId, List<EventId>> dependents) {
    SortedSet<EventId> reaching = new TreeSet<>(ends);
    Deque<EventId> open = new ArrayDeque<>(ends);
    while (!open.isEmpty()) {
      for (EventId later : dependents.getOrDefault(open.pop(), List.of())) {
        if (reaching.add(later)) {
          open.push(later);
        }
      }
    }
    return reaching;
  }

  /**
   * Walks back from these events, no further than the earliest of them, and gives for each event
   * that was met those that have it as an auth event, each once. An event without any is left out.
   */
  SortedMap<EventId, List<EventId>> dependents(SortedSet<EventId> from) {
    long orderMin = orderMin(from);
    SortedMap<EventId, List<EventId>> dependents = new TreeMap<>();
    SortedSet<EventId> visited = new TreeSet<>(from);
    Deque<EventId> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      EventId id = open.pop();
      for (EventId authEvent : new TreeSet<>(events.authEvents(id))) {
        if (isBefore(authEvent, orderMin)) {
          continue;
        }
        dependents.computeIfAbsent(authEvent, unseen -> new ArrayList<>()).add(id);
        if (visited.add(authEvent)) {
          open.push(authEvent);
        }
      }
    }
    return dependents;
  }

  /**
   * These events of the set, and what of it their auth chains reach without leaving it.
   *
   * <p>NOTSPEC: step 1 of the algorithm takes the events of the set that are in an auth chain,
   * however it gets there. Synapse and ruma-state-res stop where a chain leaves the set, and
   * servers must agree. From room version 12 on the conflicted state subgraph makes it the same.
   */
  SortedSet<EventId> reachedWithin(SortedSet<EventId> set, SortedSet<EventId> from) {
    SortedSet<EventId> reached = new TreeSet<>(from);
    Deque<EventId> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      for (EventId authEvent : events.authEvents(open.pop())) {
        if (set.contains(authEvent) && reached.add(authEvent)) {
          open.push(authEvent);
        }
      }
    }
    return reached;
  }

  /** The smallest order of the set; 0 if one is unknown. */
  private long orderMin(SortedSet<EventId> set) {
    return set.stream().mapToLong(events::order).min().orElse(0);
  }

  private boolean isBefore(EventId id, long orderMin) {
    return orderMin > 0 && events.order(id) < orderMin;
  }
}
