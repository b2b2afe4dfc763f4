package org.headrace.core.stateres;

import java.util.List;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;

/**
 * The events that a resolution reads: those in the states and in their auth chains. It must hold
 * all of them; one that is missing is a broken invariant, for which {@link #event} throws.
 */
public interface EventSource {
  Pdu event(EventId id);

  /** The event's auth events; a source that need not read the event for them says so here. */
  default List<EventId> authEvents(EventId id) {
    return event(id).authEvents();
  }

  /** What a resolution reads from: this, or where events must be parsed, what parses each once. */
  default EventSource cached() {
    return new CachedEvents(this);
  }

  /** Whether the event was rejected when it was met. */
  boolean isRejected(EventId id);

  /**
   * A number above that of each of the event's auth events, such as the position at which it was
   * first stored; it bounds the walks and never changes a result. The default, 0 for every event,
   * means unknown: auth chains are then walked to the room's beginning.
   */
  default long order(EventId id) {
    return 0;
  }
}
