package org.headrace.projections.rows;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** Rows of events, by id, place and time. */
public interface EventRows {
  /** An event's rows: itself, its body as it lies on {@code room.bodies}, its redaction. */
  record Parts(StoredEvent event, byte @Nullable [] body, @Nullable EventId redaction) {}

  /** What is held of each of these, in their order; empty where that is nothing. */
  List<Optional<Parts>> parts(RoomId room, List<EventId> events);

  /** One event's own row. */
  Optional<StoredEvent> event(RoomId room, EventId event);

  /** Shown events with {@code after < place <= upTo}, where {@code after < upTo}. */
  List<EventId> byPlace(RoomId room, long after, long upTo, int limit, boolean isNewestFirst);

  /** Shown events with {@code origin_server_ts >= ts}, by that, then by place. */
  List<EventId> fromTime(RoomId room, long ts, int limit);

  /** Shown events with {@code origin_server_ts <= ts}, the other way round. */
  List<EventId> toTime(RoomId room, long ts, int limit);

  /** The rooms that have an event of this id, by room id. */
  List<RoomId> roomsOf(EventId event, int limit);

  /** Users of device list changes with {@code after < position <= upTo}, by position. */
  List<UserId> deviceChanges(RoomId room, Position after, Position upTo);
}
