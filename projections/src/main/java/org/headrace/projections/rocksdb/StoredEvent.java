package org.headrace.projections.rocksdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/** An event's row: everything but its body and its redaction. */
record StoredEvent(
    String roomVersion,
    Position position,
    @Nullable Long place,
    Verdict verdict,
    ObjectNode skeleton,
    RoomRecord.@Nullable SentBy sentBy) {}
