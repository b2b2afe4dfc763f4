package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;

/**
 * A received event that waits until the events it names are decided; {@code missing} shrinks.
 *
 * @param skeleton all that decides it; the rest is on {@code room.bodies}
 * @param hasBody whether there is a rest
 * @param ts of the command that made it wait
 * @param since of the record that its body came with
 */
record WaitingEvent(
    EventId id,
    ObjectNode skeleton,
    boolean hasBody,
    List<EventId> missing,
    long ts,
    Position since) {

  static WaitingEvent of(RoomRecord.EventWaiting record) {
    Position earlier = record.waitedSince();
    return new WaitingEvent(
        record.eventId(),
        record.skeleton(),
        record.hasBody(),
        record.missing(),
        record.ts(),
        earlier == null ? record.position() : earlier);
  }

  WaitingEvent without(EventId met) {
    return new WaitingEvent(
        id,
        skeleton,
        hasBody,
        missing.stream().filter(event -> !event.equals(met)).toList(),
        ts,
        since);
  }
}
