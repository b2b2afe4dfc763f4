package org.headrace.schema.trace;

import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.RoomRecord;
import org.jspecify.annotations.Nullable;

/**
 * All that a span says of what it is about: which room, which event. Never content, nor who.
 *
 * @param room null if none
 * @param event null if none, or not one alone
 */
public record Subject(@Nullable RoomId room, @Nullable EventId event) {
  public static final Subject NONE = new Subject(null, null);

  /** What a record of the log is about; of a user nothing is said. */
  public static Subject of(LogRecord record) {
    return switch (record) {
      case RoomRecord.EventDecided event -> new Subject(event.roomId(), event.eventId());
      case RoomRecord.EventWaiting event -> new Subject(event.roomId(), event.eventId());
      case RoomRecord.EventMinted event -> new Subject(event.roomId(), event.eventId());
      case RoomRecord room -> new Subject(room.roomId(), null);
      default -> NONE;
    };
  }
}
