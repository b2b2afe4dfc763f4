package org.headrace.api.sync;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.api.event.HistoryVisibility;
import org.headrace.api.event.RoomAccess;
import org.headrace.api.event.TimelinePages;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

/** The newest events of a room in a window, and whether older ones of it were left out. */
@Singleton
public class RoomTimelineProvider {
  /** Events of one room where the filter does not say. */
  static final int LIMIT_DEFAULT = 10;

  static final int LIMIT_MAX = 1_000;

  private final RoomsView rooms;
  private final TimelineView events;
  private final TimelinePages pages;
  private final HistoryVisibility visibility;

  @Inject
  public RoomTimelineProvider(
      RoomsView rooms, TimelineView events, TimelinePages pages, HistoryVisibility visibility) {
    this.rooms = rooms;
    this.events = events;
    this.pages = pages;
    this.visibility = visibility;
  }

  /**
   * Part of a timeline.
   *
   * @param rows oldest first
   * @param boundary the place before its first event: prev_batch
   */
  record Timeline(List<EventRow> rows, boolean limited, long boundary) {
    /** The position up to which the state counts that is told beside the timeline. */
    Position start(Position upTo) {
      if (rows.isEmpty()) {
        return upTo;
      }
      return new Position(Math.max(-1, rows.getFirst().position().packed() - 1));
    }
  }

  /**
   * Events up to what the access allows; those since the window's start if the user was joined
   * then, else all that may be seen. It begins after a gap, and after events that came of the past:
   * what lies before is for who pages back.
   */
  Timeline timeline(RoomWindow window, RoomAccess.Access access, EventFilter filter, boolean all) {
    long upTo = access.upTo().packed();
    if (!filter.matchesRoom(window.room()) || (!all && !window.hasRecords())) {
      return new Timeline(List.of(), false, upTo);
    }
    long wanted = all ? Long.MIN_VALUE : window.since().packed();
    long after = Math.max(wanted, highestGap(window.room(), upTo));
    Predicate<EventRow> accepted =
        row ->
            filter.matches(row.pdu())
                && (window.joinedThroughout() || visibility.isVisible(row, access));
    // One more than wanted tells whether there is more, whatever lies between.
    int limit = Math.min(filter.limit().orElse(LIMIT_DEFAULT), LIMIT_MAX);
    TimelinePages.Page page = pages.back(window.room(), after, upTo, limit + 1, accepted);
    boolean over = page.rows().size() > limit;
    List<EventRow> newest = page.rows().subList(0, Math.min(limit, page.rows().size()));
    int live = (int) newest.stream().takeWhile(row -> !row.isBackfilled()).count();
    List<EventRow> rows = newest.subList(0, live).reversed();
    long boundary = page.boundary();
    if (over || live < newest.size()) {
      boundary = rows.isEmpty() ? upTo : placeOf(rows.getFirst()) - 1;
    }
    boolean limited =
        over
            || live < newest.size()
            || page.more()
            || after > wanted
            || (all && window.since().isAfter(Position.NONE));
    return new Timeline(List.copyOf(rows), limited, boundary);
  }

  /** The membership event alone, where another server told it and not the room. */
  Optional<Timeline> toldElsewhere(RoomWindow window) {
    return events
        .event(window.room(), window.member().eventId())
        .filter(EventRow::outlier)
        .map(row -> new Timeline(List.of(row), false, window.now().packed()));
  }

  /** The highest place below which history is missing. */
  private long highestGap(RoomId room, long upTo) {
    return rooms.gaps(room).stream()
        .mapToLong(RoomsView.Gap::ceiling)
        .filter(ceiling -> ceiling <= upTo)
        .max()
        .orElse(Long.MIN_VALUE);
  }

  private static long placeOf(EventRow row) {
    Long place = row.place();
    return place == null ? row.position().packed() : place;
  }
}
