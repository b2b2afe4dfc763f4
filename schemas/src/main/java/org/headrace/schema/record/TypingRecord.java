package org.headrace.schema.record;

import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;

/**
 * A user types in a room until the deadline, milliseconds since 1970; 0: has stopped (design D13).
 */
public record TypingRecord(RoomId roomId, UserId user, long untilTs) {}
