package org.headrace.core.stateres;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/** The entries that all states to resolve have in common, read as needed. */
public interface UnconflictedState {
  Optional<EventId> get(StateKey key);

  /**
   * All events of it; asked for only when conflicted events have auth chains that differ, to find
   * out what of them authorises common state too.
   */
  Iterable<EventId> events();

  /**
   * As {@link #events}, where those may be left out that were stored before this one and so cannot
   * have it in their auth chains ({@link EventSource#order}). A source that knows the state before
   * an event needs to give only what changed since.
   */
  default Iterable<EventId> eventsAfter(EventId earliest) {
    return events();
  }

  static UnconflictedState of(SortedMap<StateKey, EventId> entries) {
    return new UnconflictedState() {
      @Override
      public Optional<EventId> get(StateKey key) {
        return Optional.ofNullable(entries.get(key));
      }

      @Override
      public Iterable<EventId> events() {
        return Collections.unmodifiableCollection(entries.values());
      }
    };
  }
}
