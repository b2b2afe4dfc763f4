package org.headrace.api.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.api.Params;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;
import org.jspecify.annotations.Nullable;

/** The event that is nearest to a time, in one direction; for clients and other servers. */
@Singleton
public class EventTimes {
  /** Events that are looked at first: most readers may see the first. */
  private static final int EVENTS_FIRST = 8;

  /** Events that are looked at for one that may be seen. */
  private static final int EVENTS_LOOKED_AT_MAX = 500;

  private final TimelineView timeline;

  @Inject
  public EventTimes(TimelineView timeline) {
    this.timeline = timeline;
  }

  /** A time in milliseconds since 1970, and whether events at it and after it are wanted. */
  public record Asked(long ts, boolean forward) {
    /** Whether a time is in the direction that is asked for. */
    public boolean isIn(long time) {
      return forward ? time >= ts : time <= ts;
    }

    /** Whether the first time is nearer than the other. */
    public boolean isNearer(long one, long other) {
      return forward ? one < other : one > other;
    }
  }

  public static Asked parse(@Nullable String ts, @Nullable String dir) {
    Params.required(ts, "ts");
    boolean forward =
        switch (Params.required(dir, "dir")) {
          case "f" -> true;
          case "b" -> false;
          default -> throw MatrixError.invalidParam("dir must be f or b");
        };
    return new Asked(Params.integer(ts, "ts", 0, Long.MAX_VALUE), forward);
  }

  public Optional<EventRow> nearest(RoomId room, Asked asked, Predicate<EventRow> visible) {
    for (int limit : List.of(EVENTS_FIRST, EVENTS_LOOKED_AT_MAX)) {
      List<EventRow> rows =
          asked.forward()
              ? timeline.fromTime(room, asked.ts(), limit)
              : timeline.toTime(room, asked.ts(), limit);
      Optional<EventRow> found = rows.stream().filter(visible).findFirst();
      if (found.isPresent() || rows.size() < limit) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** {@code {event_id, origin_server_ts}}. */
  public static ObjectNode json(EventRow row) {
    ObjectNode json = Json.object().put("event_id", row.eventId().value());
    json.set("origin_server_ts", row.pdu().path("origin_server_ts"));
    return json;
  }
}
