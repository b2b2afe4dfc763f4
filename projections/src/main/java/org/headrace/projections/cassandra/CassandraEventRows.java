package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
import org.jspecify.annotations.Nullable;

/** Rows of events in Cassandra. */
final class CassandraEventRows implements EventRows {
  private static final String EVENT =
      "SELECT in_place, outlier, redaction FROM event WHERE room = ? AND event = ?";
  private static final String BODY = "SELECT body FROM body WHERE record_key = ?";
  private static final String TIMELINE =
      "SELECT event FROM timeline WHERE room = ? AND bucket = ? AND place > ? AND place <= ?";
  private static final String OLDEST = TIMELINE + " LIMIT ?";
  private static final String NEWEST = TIMELINE + " ORDER BY place DESC LIMIT ?";
  private static final String FROM_TIME =
      "SELECT event FROM at_time WHERE room = ? AND bucket = ? AND ts >= ? LIMIT ?";
  private static final String TO_TIME =
      "SELECT event FROM at_time WHERE room = ? AND bucket = ? AND ts <= ?"
          + " ORDER BY ts DESC, place DESC LIMIT ?";
  private static final String ROOMS = "SELECT room FROM room_of_event WHERE event = ? LIMIT ?";
  private static final String DEVICES =
      "SELECT user FROM device_change"
          + " WHERE room = ? AND bucket = ? AND position > ? AND position <= ?";

  private final Cql cql;

  CassandraEventRows(Cql cql) {
    this.cql = cql;
  }

  @Override
  public List<Optional<Parts>> parts(RoomId room, List<EventId> events) {
    List<Object[]> eventKeys = new ArrayList<>();
    List<Object[]> bodyKeys = new ArrayList<>();
    for (EventId event : events) {
      eventKeys.add(new Object[] {room.value(), event.value()});
      bodyKeys.add(new Object[] {room.value() + "|" + event.value()});
    }
    List<Optional<Row>> found = cql.each(EVENT, eventKeys);
    List<Optional<Row>> bodies = cql.each(BODY, bodyKeys);
    List<Optional<Parts>> parts = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      Row row = found.get(i).orElse(null);
      StoredEvent event = row == null ? null : stored(row);
      parts.add(
          row == null || event == null
              ? Optional.empty()
              : Optional.of(
                  new Parts(
                      event, bodies.get(i).map(CassandraEventRows::bytes).orElse(null), id(row))));
    }
    return parts;
  }

  private static @Nullable EventId id(Row row) {
    String redaction = row.getString("redaction");
    return redaction == null ? null : new EventId(redaction);
  }

  private static byte[] bytes(Row row) {
    ByteBuffer body = java.util.Objects.requireNonNull(row.getByteBuffer(0));
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  @Override
  public Optional<StoredEvent> event(RoomId room, EventId event) {
    return cql.one(EVENT, room.value(), event.value()).map(CassandraEventRows::stored);
  }

  /** What each of these says, in their order. */
  List<Optional<StoredEvent>> events(List<Object[]> roomsAndEvents) {
    return cql.each(EVENT, roomsAndEvents).stream()
        .map(row -> row.map(CassandraEventRows::stored))
        .toList();
  }

  private static @Nullable StoredEvent stored(Row row) {
    String inPlace = row.getString("in_place");
    String found = inPlace == null ? row.getString("outlier") : inPlace;
    return found == null
        ? null
        : LogJson.decode(found.getBytes(StandardCharsets.UTF_8), StoredEvent.class);
  }

  @Override
  public List<EventId> byPlace(
      RoomId room, long after, long upTo, int limit, boolean isNewestFirst) {
    return Buckets.TIMELINE.read(
        cql,
        room,
        after + 1,
        upTo,
        limit,
        isNewestFirst,
        (bucket, most) ->
            ids(isNewestFirst ? NEWEST : OLDEST, room.value(), bucket, after, upTo, most));
  }

  @Override
  public List<EventId> fromTime(RoomId room, long ts, int limit) {
    return Buckets.TIME.read(
        cql,
        room,
        ts,
        Long.MAX_VALUE,
        limit,
        false,
        (bucket, most) -> ids(FROM_TIME, room.value(), bucket, ts, most));
  }

  @Override
  public List<EventId> toTime(RoomId room, long ts, int limit) {
    return Buckets.TIME.read(
        cql,
        room,
        Long.MIN_VALUE,
        ts,
        limit,
        true,
        (bucket, most) -> ids(TO_TIME, room.value(), bucket, ts, most));
  }

  private List<EventId> ids(String text, Object... values) {
    List<EventId> ids = new ArrayList<>();
    for (Row row : cql.rows(text, values)) {
      ids.add(new EventId(Cells.text(row, 0)));
    }
    return ids;
  }

  @Override
  public List<RoomId> roomsOf(EventId event, int limit) {
    List<RoomId> rooms = new ArrayList<>();
    for (Row row : cql.rows(ROOMS, event.value(), limit)) {
      rooms.add(new RoomId(Cells.text(row, 0)));
    }
    return rooms;
  }

  @Override
  public List<UserId> deviceChanges(RoomId room, Position after, Position upTo) {
    return Buckets.DEVICE.read(
        cql,
        room,
        after.packed() + 1,
        upTo.packed(),
        Integer.MAX_VALUE,
        false,
        (bucket, most) -> {
          List<UserId> users = new ArrayList<>();
          for (Row row : cql.rows(DEVICES, room.value(), bucket, after.packed(), upTo.packed())) {
            users.add(new UserId(Cells.text(row, 0)));
          }
          return users;
        });
  }
}
