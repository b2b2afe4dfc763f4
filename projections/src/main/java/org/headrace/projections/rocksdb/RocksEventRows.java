package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.rows.EventRows;
import org.headrace.projections.rows.StoredEvent;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;

/** Rows of events in RocksDB. */
final class RocksEventRows implements EventRows {
  private static final int ROWS_PER_EVENT = 3;

  private final Rows rows;

  RocksEventRows(Rows rows) {
    this.rows = rows;
  }

  @Override
  public List<Optional<Parts>> parts(RoomId room, List<EventId> events) {
    List<byte[]> keys = new ArrayList<>(events.size() * ROWS_PER_EVENT);
    for (EventId id : events) {
      keys.add(RowKey.of(Table.EVENT).text(room.value()).text(id.value()).bytes());
      keys.add(RowKey.of(Table.BODY).text(room.value() + "|" + id.value()).bytes());
      keys.add(RowKey.of(Table.REDACTED).text(room.value()).text(id.value()).bytes());
    }
    List<byte[]> values = rows.get(keys);
    List<Optional<Parts>> parts = new ArrayList<>(events.size());
    for (int i = 0; i < keys.size(); i += ROWS_PER_EVENT) {
      byte[] event = values.get(i);
      byte[] redaction = values.get(i + 2);
      parts.add(
          event == null
              ? Optional.empty()
              : Optional.of(
                  new Parts(
                      LogJson.decode(event, StoredEvent.class),
                      values.get(i + 1),
                      redaction == null ? null : new EventId(RowValue.text(redaction)))));
    }
    return parts;
  }

  @Override
  public Optional<StoredEvent> event(RoomId room, EventId event) {
    byte[] value = rows.get(RowKey.of(Table.EVENT).text(room.value()).text(event.value()).bytes());
    return value == null ? Optional.empty() : Optional.of(LogJson.decode(value, StoredEvent.class));
  }

  @Override
  public List<EventId> byPlace(
      RoomId room, long after, long upTo, int limit, boolean isNewestFirst) {
    byte[] timeline = RowKey.of(Table.TIMELINE).text(room.value()).bytes();
    byte[] to =
        upTo == Long.MAX_VALUE
            ? RowKey.afterPrefix(timeline)
            : RowKey.of(Table.TIMELINE).text(room.value()).number(upTo + 1).bytes();
    byte[] from = RowKey.of(Table.TIMELINE).text(room.value()).number(after + 1).bytes();
    return ids(from, to, limit, isNewestFirst);
  }

  @Override
  public List<EventId> fromTime(RoomId room, long ts, int limit) {
    byte[] from = RowKey.of(Table.AT_TIME).text(room.value()).number(ts).bytes();
    byte[] to = RowKey.afterPrefix(RowKey.of(Table.AT_TIME).text(room.value()).bytes());
    return ids(from, to, limit, false);
  }

  @Override
  public List<EventId> toTime(RoomId room, long ts, int limit) {
    byte[] from = RowKey.of(Table.AT_TIME).text(room.value()).bytes();
    byte[] to = RowKey.afterPrefix(RowKey.of(Table.AT_TIME).text(room.value()).number(ts).bytes());
    return ids(from, to, limit, true);
  }

  private List<EventId> ids(byte[] from, byte[] to, int limit, boolean isBackwards) {
    List<EventId> ids = new ArrayList<>();
    try (var cursor = rows.cursor(from, to)) {
      boolean found = isBackwards ? cursor.last() : cursor.first();
      while (found && ids.size() < limit) {
        ids.add(new EventId(RowValue.text(cursor.value())));
        found = isBackwards ? cursor.previous() : cursor.next();
      }
    }
    return ids;
  }

  @Override
  public List<RoomId> roomsOf(EventId event, int limit) {
    List<RoomId> rooms = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.ROOM_OF_EVENT).text(event.value()).bytes())) {
      for (boolean more = cursor.first(); more && rooms.size() < limit; more = cursor.next()) {
        rooms.add(new RoomId(new RowKey.Reader(cursor.key()).skipText().text()));
      }
    }
    return rooms;
  }

  @Override
  public List<UserId> deviceChanges(RoomId room, Position after, Position upTo) {
    List<UserId> users = new ArrayList<>();
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.DEVICE_CHANGE).text(room.value()).number(after.packed() + 1).bytes(),
            RowKey.of(Table.DEVICE_CHANGE).text(room.value()).number(upTo.packed() + 1).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        users.add(new UserId(RowValue.text(cursor.value())));
      }
    }
    return users;
  }
}
