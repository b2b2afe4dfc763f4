package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;

/** Which events of a room the views have. */
@ApplicationScoped
public class KnownEvents {
  /** Events that are read at once. */
  private static final int BATCH = 200;

  @Inject TimelineView timeline;

  /** Whether the event has its place in the room's graph: it is decided and no outlier. */
  public boolean isPlaced(RoomId room, EventId event) {
    return timeline.event(room, event).filter(row -> !row.outlier()).isPresent();
  }

  /** Those that are not known with their history. */
  public Set<EventId> unplaced(RoomId room, Collection<EventId> events) {
    Set<EventId> missing = new TreeSet<>(events);
    rows(room, events).stream()
        .filter(row -> !row.outlier())
        .forEach(row -> missing.remove(row.eventId()));
    return missing;
  }

  /** Those that are not known at all. */
  public Set<EventId> unknown(RoomId room, Collection<EventId> events) {
    Set<EventId> missing = new TreeSet<>(events);
    rows(room, events).forEach(row -> missing.remove(row.eventId()));
    return missing;
  }

  List<EventRow> rows(RoomId room, Collection<EventId> events) {
    List<EventId> all = List.copyOf(events);
    List<EventRow> rows = new ArrayList<>(all.size());
    for (int i = 0; i < all.size(); i += BATCH) {
      rows.addAll(timeline.events(room, all.subList(i, Math.min(all.size(), i + BATCH))));
    }
    return rows;
  }
}
