package org.headrace.stateres.room;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Verdict;

/**
 * A decided event as the room remembers it.
 *
 * @param order above that of each of its auth events: one more than its packed position
 * @param before root of the state before it
 * @param after root of the state after it; equal to {@code before} unless it is a valid state event
 */
record KnownEvent(
    EventId id,
    RoomId room,
    long order,
    Verdict verdict,
    String before,
    String after,
    ObjectNode skeleton) {

  /** Never 0, which would mean unknown. */
  static long order(Position position) {
    return position.packed() + 1;
  }

  @JsonIgnore
  Pdu pdu() {
    return new Pdu(id, room, skeleton);
  }

  @JsonIgnore
  boolean isRejected() {
    return verdict == Verdict.REJECTED;
  }
}
