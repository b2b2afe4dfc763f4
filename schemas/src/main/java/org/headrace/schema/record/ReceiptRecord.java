package org.headrace.schema.record;

import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.jspecify.annotations.Nullable;

/** A read receipt (spec module receipts); {@code type} m.read or m.read.private. */
public record ReceiptRecord(
    RoomId roomId, UserId user, String type, @Nullable String threadId, EventId eventId, long ts) {
  public String recordKey() {
    return roomId + "|" + user + "|" + type + "|" + (threadId == null ? "" : threadId);
  }
}
