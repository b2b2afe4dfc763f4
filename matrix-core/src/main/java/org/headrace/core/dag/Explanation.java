package org.headrace.core.dag;

import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/**
 * Why a state has the entry that it has.
 *
 * @param before the event whose state before it was asked about; empty: the state at the
 *     extremities
 * @param winner the entry's event, if the state has the entry
 * @param candidates all decided events of this entry, in the order of the replay
 */
public record Explanation(
    StateKey key,
    Optional<EventId> before,
    Optional<EventId> winner,
    Cause cause,
    List<EventId> candidates) {

  /** What the entry goes back to. */
  public sealed interface Cause {
    /** No event on the way from the room's beginning set it. */
    record NeverSet() implements Cause {}

    /** The winner set it, and no later event and no resolution changed that. */
    record Set() implements Cause {}

    /** History is missing before this event; its auth events said so. */
    record Assumed(EventId at) implements Cause {}

    /**
     * Forks that do not agree on it, or did not have it, were resolved.
     *
     * @param at the event that joins the forks; empty: the extremities
     */
    record Resolved(Optional<EventId> at, List<Fork> forks, RecordedResolution resolution)
        implements Cause {}
  }

  /**
   * One of the states that were resolved.
   *
   * @param last the event after which it is the state
   * @param entry what it has
   */
  public record Fork(EventId last, Optional<EventId> entry) {}
}
