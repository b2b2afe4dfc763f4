package org.headrace.stateres.room;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A decided event as the room remembers it. One that was an outlier first has two entries.
 *
 * @param order above that of each of its auth events: one more than the packed position that first
 *     made it known
 * @param before root of the state before it; {@link #NO_STATE} for an outlier
 * @param after root of the state after it; equal to {@code before} unless it is a valid state event
 * @param late whether it was known, or its followers were, before its state was: then that state
 *     may hold events of a higher order
 */
record KnownEvent(
    EventId id,
    RoomId room,
    long order,
    Verdict verdict,
    String before,
    String after,
    ObjectNode skeleton,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean late) {
  /** No root. */
  static final String NO_STATE = "";

  /** Never 0, which would mean unknown. */
  static long order(Position position) {
    return position.packed() + 1;
  }

  /**
   * An event with a state of its own.
   *
   * @param at where it is recorded
   * @param outlier what it was known as before, or null
   * @param isPast whether its followers came before it
   */
  static KnownEvent decided(
      EventId id,
      RoomId room,
      Position at,
      Verdict verdict,
      String before,
      String after,
      ObjectNode skeleton,
      @Nullable KnownEvent outlier,
      boolean isPast) {
    return new KnownEvent(
        id,
        room,
        outlier == null ? order(at) : outlier.order(),
        verdict,
        before,
        after,
        skeleton,
        isPast || outlier != null);
  }

  static KnownEvent outlier(
      EventId id, RoomId room, long order, Verdict verdict, ObjectNode skeleton) {
    return new KnownEvent(id, room, order, verdict, NO_STATE, NO_STATE, skeleton, true);
  }

  @JsonIgnore
  Pdu pdu() {
    return new Pdu(id, room, skeleton);
  }

  @JsonIgnore
  boolean isRejected() {
    return verdict == Verdict.REJECTED;
  }

  @JsonIgnore
  boolean isOutlier() {
    return before.equals(NO_STATE);
  }
}
