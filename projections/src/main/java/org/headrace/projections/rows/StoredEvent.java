package org.headrace.projections.rows;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An event's row: everything but its body and its redaction.
 *
 * @param base the event by whose state the state before this one is told; null: the room's current
 *     state
 */
public record StoredEvent(
    String roomVersion,
    Position position,
    @Nullable Long place,
    Verdict verdict,
    ObjectNode skeleton,
    RoomRecord.@Nullable SentBy sentBy,
    boolean outlier,
    @Nullable EventId base) {
  /** Whether its place is below those of the events that came before it. */
  @JsonIgnore
  public boolean isBackfilled() {
    return place != null && place != position.packed();
  }

  /** What a member event says; {@code leave} if nothing. */
  public String membership() {
    return skeleton.path("content").path("membership").asText("leave");
  }
}
