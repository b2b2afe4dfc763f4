package org.headrace.api.federation;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;

/** Walks from events to their predecessors, over what is held here. */
@Singleton
class History {
  /** Bytes of the events of one answer, before it ends early. */
  private static final int EVENT_BYTES_MAX = 4 << 20;

  private final TimelineView timeline;

  @Inject
  History(TimelineView timeline) {
    this.timeline = timeline;
  }

  /** These events and those before them, by depth, the deepest first. */
  List<EventRow> before(RoomId room, List<EventId> from, int limit) {
    PriorityQueue<EventRow> next =
        new PriorityQueue<>(
            Comparator.comparingLong(History::depth).reversed().thenComparing(EventRow::eventId));
    Set<EventId> met = new HashSet<>(from);
    next.addAll(placed(room, from));
    List<EventRow> found = new ArrayList<>();
    int bytes = 0;
    while (!next.isEmpty() && found.size() < limit && bytes < EVENT_BYTES_MAX) {
      EventRow row = next.remove();
      found.add(row);
      bytes += size(row);
      next.addAll(placed(room, previous(row).stream().filter(met::add).toList()));
    }
    return found;
  }

  /**
   * Events before the latest and not before the earliest, breadth first; the answer has the last
   * found first, so that predecessors come before those that name them, mostly.
   */
  List<EventRow> between(
      RoomId room, List<EventId> latest, List<EventId> earliest, long depthMin, int limit) {
    Set<EventId> met = new HashSet<>(earliest);
    met.addAll(latest);
    List<EventRow> found = new ArrayList<>();
    List<EventRow> layer = placed(room, latest);
    int bytes = 0;
    while (!layer.isEmpty()) {
      Set<EventId> named = new LinkedHashSet<>();
      layer.forEach(row -> previous(row).stream().filter(met::add).forEach(named::add));
      List<EventRow> reached = new ArrayList<>();
      for (EventRow row : placed(room, List.copyOf(named))) {
        if (depth(row) < depthMin) {
          continue;
        }
        if (found.size() == limit || bytes >= EVENT_BYTES_MAX) {
          Collections.reverse(found);
          return found;
        }
        found.add(row);
        bytes += size(row);
        reached.add(row);
      }
      layer = reached;
    }
    Collections.reverse(found);
    return found;
  }

  private List<EventRow> placed(RoomId room, List<EventId> ids) {
    return timeline.events(room, ids).stream()
        .filter(row -> EventsResource.isKept(row) && !row.outlier())
        .toList();
  }

  private static List<EventId> previous(EventRow row) {
    return new Pdu(row.eventId(), row.roomId(), row.pdu()).prevEvents();
  }

  private static long depth(EventRow row) {
    return row.pdu().path("depth").asLong();
  }

  private static int size(EventRow row) {
    return row.pdu().toString().length();
  }
}
