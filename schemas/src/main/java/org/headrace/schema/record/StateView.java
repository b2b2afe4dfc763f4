package org.headrace.schema.record;

import java.util.List;

/**
 * A state as the log carries it (design D5): the root of its tree and the entries in which it
 * differs from the room's current state before the record. Sorted by type and state key.
 */
public record StateView(String root, List<StateChange> changes) {}
