package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.jspecify.annotations.Nullable;

/**
 * An event of ours that waits for another server's signature; its body is beside the log.
 *
 * @param ts of the event, and of its command
 * @param since of the record that its body came with
 */
record Minted(
    EventId id,
    ObjectNode skeleton,
    boolean hasBody,
    String effectId,
    @Nullable SentBy sentBy,
    long ts,
    Position since) {
  /** Events of one room that wait so. */
  static final int MINTED_MAX = 200;

  /** One that has waited for so long gives way to others. */
  static final long ABANDONED_MILLIS = 5 * 60 * 1000;
}
