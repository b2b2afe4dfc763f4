package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.api.event.TimelinePages;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;

/**
 * Pages back through a room's timeline, over gaps: what is missing is fetched from other servers
 * before a page goes on below it.
 */
@Singleton
public class HistoryPages {
  /** Longest wait of one page for other servers. */
  private static final Duration WAIT_MAX = Duration.ofSeconds(15);

  /** Times that one page asks other servers. */
  private static final int ASKED_MAX = 4;

  private final TimelinePages pages;
  private final GapFiller gaps;

  @Inject
  public HistoryPages(TimelinePages pages, GapFiller gaps) {
    this.pages = pages;
    this.gaps = gaps;
  }

  /** Which events are wanted: {@code after < place <= upTo}, {@code limit} at most. */
  public record Range(long after, long upTo, int limit) {}

  /** Newest first, those that the predicate accepts. */
  public TimelinePages.Page back(
      RoomId room, UserId reader, Range range, Predicate<EventRow> accepted) {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    List<EventRow> found = new ArrayList<>();
    long boundary = range.upTo();
    int asked = 0;
    while (true) {
      Optional<RoomsView.Gap> gap = gaps.highest(room, range.after(), boundary);
      long end = gap.map(RoomsView.Gap::ceiling).orElse(range.after());
      TimelinePages.Page page =
          pages.back(room, end, boundary, range.limit() - found.size(), accepted);
      found.addAll(page.rows());
      boundary = page.boundary();
      if (page.more() || found.size() >= range.limit() || gap.isEmpty()) {
        return new TimelinePages.Page(found, boundary, page.more() || gap.isPresent());
      }
      boolean filled = ++asked <= ASKED_MAX && gaps.fill(room, reader, gap.get(), deadline);
      if (filled) {
        continue;
      }
      if (!found.isEmpty() || gap.get().floor() == Long.MIN_VALUE) {
        // The next page asks again.
        return new TimelinePages.Page(found, boundary, true);
      }
      // What nobody has any more is passed over, or what is held below it could not be read.
      boundary = gap.get().floor();
    }
  }
}
