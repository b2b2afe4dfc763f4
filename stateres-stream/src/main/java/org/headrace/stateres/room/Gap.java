package org.headrace.stateres.room;

import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.schema.record.RoomRecord.Asked;
import org.headrace.schema.record.RoomRecord.GapChanged;
import org.jspecify.annotations.Nullable;

/** Missing history; as {@link GapChanged} says it. */
record Gap(
    EventId gapId,
    EventId bottom,
    List<EventId> frontier,
    long ceiling,
    long floor,
    @Nullable Asked asked) {
  /** Gaps of a room that are remembered; what lies below a further one cannot be read. */
  static final int GAPS_MAX = 100;

  /** Events that a gap lies below; further ones are given up. */
  static final int FRONTIER_MAX = 100;

  static Gap of(GapChanged record) {
    return new Gap(
        record.gapId(),
        record.bottom(),
        record.frontier(),
        record.ceiling(),
        record.floor(),
        record.asked());
  }

  boolean isClosed() {
    return frontier.isEmpty();
  }

  Gap withAsked(@Nullable Asked effect) {
    return new Gap(gapId, bottom, frontier, ceiling, floor, effect);
  }
}
