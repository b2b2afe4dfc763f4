package org.headrace.stateres.room;

import org.headrace.core.id.EventId;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** What became of a command, for when it is met again: the first event it made, or its outcome. */
record SeenCommand(@Nullable EventId event, @Nullable Outcome outcome) {}
