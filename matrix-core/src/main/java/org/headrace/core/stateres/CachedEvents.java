package org.headrace.core.stateres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/** Reads each event of one resolution once; a source may have to parse what it gives. */
final class CachedEvents implements EventSource {
  private final EventSource source;
  private final Map<EventId, Entry> entries = new LinkedHashMap<>();

  CachedEvents(EventSource source) {
    this.source = source;
  }

  /** What was read of one event so far. */
  private static final class Entry {
    private @Nullable Pdu event;
    private @Nullable List<EventId> authEvents;
    private @Nullable Long order;
  }

  private Entry entry(EventId id) {
    return entries.computeIfAbsent(id, unseen -> new Entry());
  }

  @Override
  public Pdu event(EventId id) {
    return event(id, entry(id));
  }

  private Pdu event(EventId id, Entry entry) {
    Pdu event = entry.event;
    if (event == null) {
      event = source.event(id);
      entry.event = event;
    }
    return event;
  }

  @Override
  public List<EventId> authEvents(EventId id) {
    Entry entry = entry(id);
    List<EventId> authEvents = entry.authEvents;
    if (authEvents == null) {
      authEvents = event(id, entry).authEvents();
      entry.authEvents = authEvents;
    }
    return authEvents;
  }

  @Override
  public EventSource cached() {
    return this;
  }

  @Override
  public boolean isRejected(EventId id) {
    return source.isRejected(id);
  }

  @Override
  public long order(EventId id) {
    Entry entry = entry(id);
    Long order = entry.order;
    if (order == null) {
      order = source.order(id);
      entry.order = order;
    }
    return order;
  }
}
