package org.headrace.core.stateres;

import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;

/** Finds a room's create event by its room id, which names it from room version 12 on. */
final class CreateEvent {
  private CreateEvent() {}

  static Pdu of(Pdu event, EventSource events) {
    return event.type().equals("m.room.create")
        ? event
        : events.event(new EventId("$" + event.roomId().value().substring(1)));
  }
}
