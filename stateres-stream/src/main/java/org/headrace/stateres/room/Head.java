package org.headrace.stateres.room;

import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;

/**
 * What changes of a room with each event; small, since it is written with each and kept by
 * position.
 *
 * @param tips the forward extremities, sorted by id; none while the room is first joined
 * @param root of the current state: the tips' states, resolved
 * @param waiting how many received events wait for others
 * @param joined how many users are joined in the current state
 * @param minted how many events of ours wait for another server's signature
 * @param shown the place of the newest event that is shown; {@link Long#MIN_VALUE}: none
 */
record Head(
    String version, List<Tip> tips, String root, int waiting, int joined, int minted, long shown) {
  /**
   * A forward extremity.
   *
   * @param after root of the state after it
   */
  record Tip(EventId event, long depth, String after) {}

  /** Of a room of which nothing is known yet. */
  static Head empty(String version) {
    return new Head(version, List.of(), StateTree.EMPTY, 0, 0, 0, Long.MIN_VALUE);
  }

  RoomVersion roomVersion() {
    return RoomVersion.find(version)
        .orElseThrow(() -> new IllegalStateException("room version " + version));
  }

  Head withVersion(String newVersion) {
    return new Head(newVersion, tips, root, waiting, joined, minted, shown);
  }

  Head withWaiting(int count) {
    return new Head(version, tips, root, count, joined, minted, shown);
  }

  Head withMinted(int count) {
    return new Head(version, tips, root, waiting, joined, count, shown);
  }

  Head withState(String newRoot, int nowJoined) {
    return new Head(version, tips, newRoot, waiting, nowJoined, minted, shown);
  }

  /** As it is before an event that follows nothing of what is held. */
  Head withoutTips() {
    return new Head(version, List.of(), root, waiting, joined, minted, shown);
  }

  boolean hasTip(EventId event) {
    return tips.stream().anyMatch(tip -> tip.event().equals(event));
  }
}
