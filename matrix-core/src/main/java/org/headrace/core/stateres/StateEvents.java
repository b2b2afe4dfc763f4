package org.headrace.core.stateres;

import org.headrace.core.id.EventId;

/** Events whose states are kept as roots of a state tree. */
public interface StateEvents extends EventSource {
  /**
   * Root of the state before an event. All that it holds was stored before the event: its {@link
   * #order} is smaller.
   */
  String rootBefore(EventId id);
}
