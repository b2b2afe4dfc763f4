package org.headrace.api.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;

/**
 * Pages of a room's timeline. A boundary is a place: events at or before it lie on one side, later
 * ones on the other.
 */
@Singleton
public class TimelinePages {
  /** Events looked at for one page; a page may then be short, and its boundary continues it. */
  static final int SCANNED_EVENTS_MAX = 5_000;

  private static final int BATCH_EVENTS_MIN = 16;
  private static final int BATCH_EVENTS_MAX = 500;

  private final TimelineView timeline;

  @Inject
  public TimelinePages(TimelineView timeline) {
    this.timeline = timeline;
  }

  /**
   * Events in the order in which they were met.
   *
   * @param boundary where the next page begins
   * @param more whether events may lie beyond the boundary
   */
  public record Page(List<EventRow> rows, long boundary, boolean more) {}

  /** Newest first, {@code after < place <= upTo}, those that the predicate accepts. */
  public Page back(RoomId room, long after, long upTo, int limit, Predicate<EventRow> accepted) {
    List<EventRow> found = new ArrayList<>();
    long boundary = upTo;
    int scanned = 0;
    while (found.size() < limit && scanned < SCANNED_EVENTS_MAX) {
      int batch = batch(limit - found.size());
      List<EventRow> rows = timeline.newest(room, after, boundary, batch);
      for (EventRow row : rows) {
        boundary = place(row) - 1;
        scanned++;
        if (accepted.test(row)) {
          found.add(row);
          if (found.size() == limit) {
            break;
          }
        }
      }
      if (rows.size() < batch && found.size() < limit) {
        return new Page(found, boundary, false);
      }
    }
    return new Page(found, boundary, !timeline.newest(room, after, boundary, 1).isEmpty());
  }

  /** Oldest first, {@code after < place <= upTo}, those that the predicate accepts. */
  public Page forward(RoomId room, long after, long upTo, int limit, Predicate<EventRow> accepted) {
    List<EventRow> found = new ArrayList<>();
    long boundary = after;
    int scanned = 0;
    while (found.size() < limit && scanned < SCANNED_EVENTS_MAX) {
      int batch = batch(limit - found.size());
      List<EventRow> rows = timeline.oldest(room, boundary, upTo, batch);
      for (EventRow row : rows) {
        boundary = place(row);
        scanned++;
        if (accepted.test(row)) {
          found.add(row);
          if (found.size() == limit) {
            break;
          }
        }
      }
      if (rows.size() < batch && found.size() < limit) {
        return new Page(found, boundary, false);
      }
    }
    return new Page(found, boundary, !timeline.oldest(room, boundary, upTo, 1).isEmpty());
  }

  private static int batch(int wanted) {
    return Math.clamp(wanted, BATCH_EVENTS_MIN, BATCH_EVENTS_MAX);
  }

  private static long place(EventRow row) {
    Long place = row.place();
    if (place == null) {
      throw new IllegalStateException("an event of the timeline has a place: " + row.eventId());
    }
    return place;
  }
}
