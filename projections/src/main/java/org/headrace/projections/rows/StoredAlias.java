package org.headrace.projections.rows;

import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.jspecify.annotations.Nullable;

/** Where an alias points. */
public record StoredAlias(RoomId room, @Nullable UserId creator, boolean reserved) {}
