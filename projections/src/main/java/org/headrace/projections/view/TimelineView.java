package org.headrace.projections.view;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;

/** Events by id and by place. */
public interface TimelineView {
  Optional<EventRow> event(RoomId room, EventId event);

  /** The events that are known among these, in their order. */
  List<EventRow> events(RoomId room, List<EventId> events);

  /** Shown events with {@code after < place <= upTo}, newest first, {@code limit} at most. */
  List<EventRow> newest(RoomId room, long after, long upTo, int limit);

  /** Shown events with {@code after < place <= upTo}, oldest first, {@code limit} at most. */
  List<EventRow> oldest(RoomId room, long after, long upTo, int limit);

  /** Shown events with {@code origin_server_ts >= ts}, the earliest first; by place in a moment. */
  List<EventRow> fromTime(RoomId room, long ts, int limit);

  /** Shown events with {@code origin_server_ts <= ts}, the latest first. */
  List<EventRow> toTime(RoomId room, long ts, int limit);

  /** The rooms that have an event of this id, outliers too; one, as a rule. */
  List<RoomId> roomsOf(EventId event);

  /** Users whose device list changed in the room, {@code after < position <= upTo}. */
  List<UserId> devicesChanged(RoomId room, Position after, Position upTo);
}
