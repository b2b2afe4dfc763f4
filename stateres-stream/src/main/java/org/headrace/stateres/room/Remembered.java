package org.headrace.stateres.room;

import org.headrace.core.id.EventId;

/** A hosted user's membership of a room that is not held; without meaning once it is. */
record Remembered(String membership, EventId event) {}
