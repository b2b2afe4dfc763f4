package org.headrace.projections.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Redaction;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;

/** Events: each is its row, its body and its redaction, joined when it is read. */
public final class RowsTimelineView implements TimelineView {
  /** Rooms that may claim one event id: in versions 1 and 2 its server gives it. */
  private static final int ROOMS_OF_EVENT_MAX = 8;

  /** Events that are read at once: a page of a timeline, a piece of a large state. */
  private static final int EVENTS_PER_READ = 200;

  private final EventRows rows;

  public RowsTimelineView(EventRows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<EventRow> event(RoomId room, EventId event) {
    return events(room, List.of(event)).stream().findFirst();
  }

  @Override
  public List<EventRow> newest(RoomId room, long after, long upTo, int limit) {
    return byPlace(room, after, upTo, limit, true);
  }

  @Override
  public List<EventRow> oldest(RoomId room, long after, long upTo, int limit) {
    return byPlace(room, after, upTo, limit, false);
  }

  private List<EventRow> byPlace(
      RoomId room, long after, long upTo, int limit, boolean isNewestFirst) {
    return after >= upTo || limit <= 0
        ? List.of()
        : events(room, rows.byPlace(room, after, upTo, limit, isNewestFirst));
  }

  @Override
  public List<UserId> devicesChanged(RoomId room, Position after, Position upTo) {
    return after.isAfter(upTo)
        ? List.of()
        : rows.deviceChanges(room, after, upTo).stream().distinct().toList();
  }

  @Override
  public List<RoomId> roomsOf(EventId event) {
    return rows.roomsOf(event, ROOMS_OF_EVENT_MAX);
  }

  @Override
  public List<EventRow> fromTime(RoomId room, long ts, int limit) {
    return limit <= 0 ? List.of() : events(room, rows.fromTime(room, ts, limit));
  }

  @Override
  public List<EventRow> toTime(RoomId room, long ts, int limit) {
    return limit <= 0 ? List.of() : events(room, rows.toTime(room, ts, limit));
  }

  @Override
  public List<EventRow> events(RoomId room, List<EventId> ids) {
    List<EventRow> events = new ArrayList<>(ids.size());
    for (int from = 0; from < ids.size(); from += EVENTS_PER_READ) {
      List<EventId> some = ids.subList(from, Math.min(ids.size(), from + EVENTS_PER_READ));
      List<Optional<EventRows.Parts>> parts = rows.parts(room, some);
      for (int i = 0; i < some.size(); i++) {
        EventId id = some.get(i);
        parts.get(i).ifPresent(found -> events.add(join(room, id, found)));
      }
    }
    return events;
  }

  private static EventRow join(RoomId room, EventId id, EventRows.Parts parts) {
    StoredEvent event = parts.event();
    byte[] body = parts.body();
    ObjectNode pdu = event.skeleton();
    if (parts.redaction() != null) {
      pdu = Redaction.redact(pdu, version(event.roomVersion()));
    } else if (body != null) {
      pdu = EventSkeleton.join(pdu, LogJson.decode(body, ObjectNode.class));
    }
    return new EventRow(
        room,
        id,
        event.roomVersion(),
        event.position(),
        event.place(),
        event.verdict(),
        pdu,
        parts.redaction(),
        event.sentBy(),
        event.outlier());
  }

  private static RoomVersion version(String id) {
    return RoomVersion.find(id)
        .orElseThrow(() -> new IllegalStateException("room version " + id + " is not known"));
  }
}
