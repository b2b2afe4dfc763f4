package org.headrace.core.stateres;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.EventId;

/**
 * The auth difference of some states: the events in the full auth chain of some but not of all.
 *
 * <p>NOTSPEC: a state's own events are in its full auth chain, as other servers count them (ADR 6).
 * For conflicted events that makes no difference: the full conflicted set holds them anyhow.
 *
 * <p>Auth chains are closed, so the walk goes back from the conflicted events, latest first, and
 * marks on each event the states whose chain it is in; once all that is left to visit is in every
 * chain, so is all that lies behind it. Unconflicted events and their chains are in every chain, so
 * they are taken off; that walk happens only if something is left to take off.
 */
final class AuthDifference {
  private final EventSource events;
  private final int states;
  private final Map<EventId, BitSet> marks = new LinkedHashMap<>();
  private final PriorityQueue<Waiting> queue = new PriorityQueue<>();
  private final Set<EventId> queued = new LinkedHashSet<>();
  private boolean ordered = true;
  private int partialQueued;

  private AuthDifference(EventSource events, int states) {
    this.events = events;
    this.states = states;
  }

  /** An event to go on from, the latest first. */
  private record Waiting(long order, EventId id) implements Comparable<Waiting> {
    @Override
    public int compareTo(Waiting other) {
      int later = Long.compare(other.order, order);
      return later != 0 ? later : id.compareTo(other.id);
    }
  }

  /**
   * Computes it.
   *
   * @param conflicted per state the conflicted events that it holds
   */
  static SortedSet<EventId> of(
      List<? extends Collection<EventId>> conflicted,
      UnconflictedState unconflicted,
      EventSource events) {
    return beyond(Collections.emptySortedSet(), conflicted, unconflicted, events);
  }

  /**
   * What the difference has beyond a set that it will be added to; often nothing, and then the walk
   * from the unconflicted events is spared.
   */
  static SortedSet<EventId> beyond(
      SortedSet<EventId> known,
      List<? extends Collection<EventId>> conflicted,
      UnconflictedState unconflicted,
      EventSource events) {
    AuthDifference walk = new AuthDifference(events, conflicted.size());
    for (int state = 0; state < conflicted.size(); state++) {
      BitSet mark = new BitSet();
      mark.set(state);
      for (EventId id : conflicted.get(state)) {
        for (EventId authEvent : events.authEvents(id)) {
          walk.mark(authEvent, mark);
        }
      }
    }
    walk.run();
    SortedSet<EventId> difference = new TreeSet<>();
    walk.marks.forEach(
        (id, mark) -> {
          if (!walk.isFull(mark) && !known.contains(id)) {
            difference.add(id);
          }
        });
    if (!difference.isEmpty()) {
      walk.removeReached(unconflicted, difference);
    }
    return difference;
  }

  private void run() {
    while (!queue.isEmpty() && (partialQueued > 0 || !ordered)) {
      EventId id = queue.remove().id();
      queued.remove(id);
      BitSet mark = Objects.requireNonNull(marks.get(id));
      if (!isFull(mark)) {
        partialQueued--;
      }
      for (EventId authEvent : events.authEvents(id)) {
        mark(authEvent, mark);
      }
    }
  }

  private void mark(EventId id, BitSet added) {
    long order = events.order(id);
    ordered &= order != 0;
    BitSet mark = marks.computeIfAbsent(id, unseen -> new BitSet());
    int before = mark.cardinality();
    mark.or(added);
    if (mark.cardinality() == before) {
      return;
    }
    if (queued.add(id)) {
      queue.add(new Waiting(order, id));
      partialQueued += isFull(mark) ? 0 : 1;
    } else if (isFull(mark)) {
      partialQueued--;
    }
  }

  /** Takes off unconflicted events, and what their auth chains hold. */
  private void removeReached(UnconflictedState unconflicted, SortedSet<EventId> difference) {
    EventId earliest = Collections.min(difference, Comparator.comparingLong(events::order));
    long orderMin = events.order(earliest);
    Set<EventId> visited = new LinkedHashSet<>();
    Deque<EventId> open = new ArrayDeque<>();
    for (EventId id : ordered ? unconflicted.eventsAfter(earliest) : unconflicted.events()) {
      difference.remove(id);
      open.push(id);
      while (!open.isEmpty() && !difference.isEmpty()) {
        EventId next = open.pop();
        if (ordered && events.order(next) <= orderMin) {
          continue;
        }
        for (EventId authEvent : events.authEvents(next)) {
          BitSet mark = marks.get(authEvent);
          boolean inEveryChain = mark != null && isFull(mark);
          if (!inEveryChain && visited.add(authEvent)) {
            difference.remove(authEvent);
            open.push(authEvent);
          }
        }
      }
      if (difference.isEmpty()) {
        return;
      }
    }
  }

  private boolean isFull(BitSet mark) {
    return mark.cardinality() == states;
  }
}
