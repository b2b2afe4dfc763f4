package org.headrace.stateres.room;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/** Events that waited for nothing but what a command records: they are decided next, by depth. */
final class Released {
  private static final Comparator<WaitingEvent> BY_DEPTH =
      Comparator.<WaitingEvent>comparingLong(event -> event.skeleton().path("depth").asLong())
          .thenComparing(WaitingEvent::id);

  private final RoomStore store;
  private final Decision decision;
  private final TreeSet<WaitingEvent> ready = new TreeSet<>(BY_DEPTH);
  private List<EventId> waiters = List.of();

  Released(RoomStore store, Decision decision) {
    this.store = store;
    this.decision = decision;
  }

  /** This event is about to be recorded. */
  void expect(EventId event) {
    Head head = store.head(decision.state(), decision.room());
    waiters =
        head == null || head.waiting() == 0
            ? List.of()
            : WaitingRoom.waiters(decision.state(), decision.room(), event);
  }

  /** It is recorded. */
  void collect() {
    for (EventId waiter : waiters) {
      WaitingEvent waiting = WaitingRoom.get(decision.state(), decision.room(), waiter);
      if (waiting != null && waiting.missing().isEmpty()) {
        ready.add(waiting);
      }
    }
  }

  /** The next one, or null. */
  @Nullable WaitingEvent next() {
    return ready.pollFirst();
  }
}
