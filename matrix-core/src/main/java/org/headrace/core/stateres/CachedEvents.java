package org.headrace.core.stateres;

import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;

/** Reads each event of one resolution once; a source may have to parse what it gives. */
final class CachedEvents implements EventSource {
  private final EventSource source;
  private final Map<EventId, Pdu> events = new TreeMap<>();
  private final Map<EventId, Long> orders = new TreeMap<>();

  CachedEvents(EventSource source) {
    this.source = source;
  }

  @Override
  public Pdu event(EventId id) {
    return events.computeIfAbsent(id, source::event);
  }

  @Override
  public boolean isRejected(EventId id) {
    return source.isRejected(id);
  }

  @Override
  public long order(EventId id) {
    return orders.computeIfAbsent(id, source::order);
  }
}
