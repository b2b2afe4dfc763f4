package org.headrace.stateres.room;

import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;

/**
 * What changes of a room with each event; small, since it is written with each and kept by
 * position.
 *
 * @param tips the forward extremities, sorted by id
 * @param root of the current state: the tips' states, resolved
 * @param waiting how many received events wait for others
 */
record Head(String version, List<Tip> tips, String root, int waiting) {
  /**
   * A forward extremity.
   *
   * @param after root of the state after it
   */
  record Tip(EventId event, long depth, String after) {}

  RoomVersion roomVersion() {
    return RoomVersion.find(version)
        .orElseThrow(() -> new IllegalStateException("room version " + version));
  }

  Head withWaiting(int count) {
    return new Head(version, tips, root, count);
  }

  boolean hasTip(EventId event) {
    return tips.stream().anyMatch(tip -> tip.event().equals(event));
  }
}
