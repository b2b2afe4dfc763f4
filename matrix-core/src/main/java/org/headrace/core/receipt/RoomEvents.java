package org.headrace.core.receipt;

import org.headrace.core.id.EventId;
import org.headrace.core.stateres.StateEvents;

/** The events that a room has decided, as the checks on a further one read them. */
public interface RoomEvents extends StateEvents {
  /** Whether the event is decided; the other questions may be asked of such events only. */
  boolean isKnown(EventId id);

  /**
   * Whether it has a state of its own: it is known, and not by its auth events alone. Only of such
   * events it is asked whether they are accepted, and what comes after them.
   */
  default boolean isPlaced(EventId id) {
    return isKnown(id);
  }

  /** Whether it was accepted, so that it is shown: neither rejected nor soft-failed. */
  boolean isAccepted(EventId id);

  /** Root of the state after it: that before it, unless it is a state event not rejected. */
  String rootAfter(EventId id);
}
