package org.headrace.projections.rows;

import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * A user's member event in a room.
 *
 * @param event null: the state has none any more
 * @param membership {@code leave} where the event does not tell
 * @param noted told by another server of a room that was not held: no entry of its state
 */
public record StoredMember(
    Position position, @Nullable EventId event, String membership, boolean noted) {}
