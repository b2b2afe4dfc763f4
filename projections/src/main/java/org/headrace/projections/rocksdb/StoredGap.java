package org.headrace.projections.rocksdb;

import java.util.List;
import org.headrace.core.id.EventId;

/** A gap that is open; places as {@code RoomsView.Gap} has them. */
record StoredGap(List<EventId> frontier, long ceiling, long floor, boolean asked) {}
