package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.EventId;

/** A received event that waits until the events it names are decided; {@code missing} shrinks. */
record WaitingEvent(EventId id, ObjectNode pdu, List<EventId> missing) {
  WaitingEvent without(EventId met) {
    return new WaitingEvent(id, pdu, missing.stream().filter(event -> !event.equals(met)).toList());
  }
}
