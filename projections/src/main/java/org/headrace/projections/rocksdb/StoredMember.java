package org.headrace.projections.rocksdb;

import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** A user's member event in a room; {@code membership} null: the event's row tells it. */
record StoredMember(Position position, @Nullable EventId event, @Nullable String membership) {}
