package org.headrace.projections.rocksdb;

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
import org.jspecify.annotations.Nullable;

/** Events: each is its row, its body and its redaction, joined when it is read. */
final class RocksTimelineView implements TimelineView {
  private static final int ROWS_PER_EVENT = 3;

  /** Rooms that may claim one event id: in versions 1 and 2 its server gives it. */
  private static final int ROOMS_OF_EVENT_MAX = 8;

  /** Events that are read at once: a page of a timeline, a piece of a large state. */
  private static final int EVENTS_PER_READ = 200;

  private final Rows rows;

  RocksTimelineView(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<EventRow> event(RoomId room, EventId event) {
    return events(room, List.of(event)).stream().findFirst();
  }

  @Override
  public List<EventRow> newest(RoomId room, long after, long upTo, int limit) {
    return events(room, ids(room, after, upTo, limit, true));
  }

  @Override
  public List<EventRow> oldest(RoomId room, long after, long upTo, int limit) {
    return events(room, ids(room, after, upTo, limit, false));
  }

  @Override
  public List<UserId> devicesChanged(RoomId room, Position after, Position upTo) {
    List<UserId> users = new ArrayList<>();
    if (after.isAfter(upTo)) {
      return users;
    }
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.DEVICE_CHANGE).text(room.value()).number(after.packed() + 1).bytes(),
            RowKey.of(Table.DEVICE_CHANGE).text(room.value()).number(upTo.packed() + 1).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        users.add(new UserId(RowValue.text(cursor.value())));
      }
    }
    return users.stream().distinct().toList();
  }

  @Override
  public List<RoomId> roomsOf(EventId event) {
    List<RoomId> rooms = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.ROOM_OF_EVENT).text(event.value()).bytes())) {
      boolean found = cursor.first();
      while (found && rooms.size() < ROOMS_OF_EVENT_MAX) {
        rooms.add(new RoomId(new RowKey.Reader(cursor.key()).skipText().text()));
        found = cursor.next();
      }
    }
    return rooms;
  }

  @Override
  public List<EventRow> fromTime(RoomId room, long ts, int limit) {
    List<EventId> ids = new ArrayList<>();
    byte[] from = RowKey.of(Table.AT_TIME).text(room.value()).number(ts).bytes();
    byte[] to = RowKey.afterPrefix(RowKey.of(Table.AT_TIME).text(room.value()).bytes());
    try (var cursor = rows.cursor(from, to)) {
      for (boolean found = cursor.first(); found && ids.size() < limit; found = cursor.next()) {
        ids.add(new EventId(RowValue.text(cursor.value())));
      }
    }
    return events(room, ids);
  }

  @Override
  public List<EventRow> toTime(RoomId room, long ts, int limit) {
    List<EventId> ids = new ArrayList<>();
    byte[] from = RowKey.of(Table.AT_TIME).text(room.value()).bytes();
    byte[] to = RowKey.afterPrefix(RowKey.of(Table.AT_TIME).text(room.value()).number(ts).bytes());
    try (var cursor = rows.cursor(from, to)) {
      for (boolean found = cursor.last(); found && ids.size() < limit; found = cursor.previous()) {
        ids.add(new EventId(RowValue.text(cursor.value())));
      }
    }
    return events(room, ids);
  }

  private List<EventId> ids(RoomId room, long after, long upTo, int limit, boolean isNewestFirst) {
    List<EventId> ids = new ArrayList<>();
    if (after >= upTo) {
      return ids;
    }
    byte[] timeline = RowKey.of(Table.TIMELINE).text(room.value()).bytes();
    byte[] to =
        upTo == Long.MAX_VALUE
            ? RowKey.afterPrefix(timeline)
            : RowKey.of(Table.TIMELINE).text(room.value()).number(upTo + 1).bytes();
    byte[] from = RowKey.of(Table.TIMELINE).text(room.value()).number(after + 1).bytes();
    try (var cursor = rows.cursor(from, to)) {
      boolean found = isNewestFirst ? cursor.last() : cursor.first();
      while (found && ids.size() < limit) {
        ids.add(new EventId(RowValue.text(cursor.value())));
        found = isNewestFirst ? cursor.previous() : cursor.next();
      }
    }
    return ids;
  }

  @Override
  public List<EventRow> events(RoomId room, List<EventId> ids) {
    List<EventRow> events = new ArrayList<>(ids.size());
    for (int from = 0; from < ids.size(); from += EVENTS_PER_READ) {
      read(room, ids.subList(from, Math.min(ids.size(), from + EVENTS_PER_READ)), events);
    }
    return events;
  }

  /** An event's row as it is stored, for what follows from it. */
  Optional<StoredEvent> stored(RoomId room, EventId event) {
    byte[] value = rows.get(RowKey.of(Table.EVENT).text(room.value()).text(event.value()).bytes());
    return value == null ? Optional.empty() : Optional.of(LogJson.decode(value, StoredEvent.class));
  }

  /** The shown event with the highest place of {@code after < place <= upTo}. */
  Optional<EventId> highest(RoomId room, long after, long upTo) {
    return ids(room, after, upTo, 1, true).stream().findFirst();
  }

  private void read(RoomId room, List<EventId> ids, List<EventRow> into) {
    List<byte[]> keys = new ArrayList<>(ids.size() * ROWS_PER_EVENT);
    for (EventId id : ids) {
      keys.add(RowKey.of(Table.EVENT).text(room.value()).text(id.value()).bytes());
      keys.add(RowKey.of(Table.BODY).text(room.value() + "|" + id.value()).bytes());
      keys.add(RowKey.of(Table.REDACTED).text(room.value()).text(id.value()).bytes());
    }
    List<byte[]> values = rows.get(keys);
    for (int i = 0; i < ids.size(); i++) {
      byte[] event = values.get(i * ROWS_PER_EVENT);
      if (event != null) {
        into.add(
            join(
                room,
                ids.get(i),
                LogJson.decode(event, StoredEvent.class),
                values.get(i * ROWS_PER_EVENT + 1),
                values.get(i * ROWS_PER_EVENT + 2)));
      }
    }
  }

  private static EventRow join(
      RoomId room,
      EventId id,
      StoredEvent event,
      byte @Nullable [] body,
      byte @Nullable [] redaction) {
    ObjectNode pdu = event.skeleton();
    if (redaction != null) {
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
        redaction == null ? null : new EventId(RowValue.text(redaction)),
        event.sentBy(),
        event.outlier());
  }

  private static RoomVersion version(String id) {
    return RoomVersion.find(id)
        .orElseThrow(() -> new IllegalStateException("room version " + id + " is not known"));
  }
}
