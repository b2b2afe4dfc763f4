package org.headrace.projections.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An event as views hold it.
 *
 * @param place its order in the timeline; null: it is not shown there
 * @param pdu the whole PDU (skeleton and body joined), or, if redacted, its redacted form
 * @param redactedBy the redaction that took its content, or null
 * @param outlier known by its auth events alone (of an auth chain, of a state, of a room that is
 *     not held): it has no place and no state, and is found by federation alone
 */
public record EventRow(
    RoomId roomId,
    EventId eventId,
    String roomVersion,
    Position position,
    @Nullable Long place,
    Verdict verdict,
    ObjectNode pdu,
    @Nullable EventId redactedBy,
    RoomRecord.@Nullable SentBy sentBy,
    boolean outlier) {
  /** Whether it was put below the events that were there before: no news, whatever its position. */
  public boolean isBackfilled() {
    return place != null && place != position.packed();
  }
}
