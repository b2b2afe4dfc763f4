package org.headrace.core.stateres;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/**
 * Hears what a resolution does, in the order in which it does it; for people who ask why an entry
 * won. It is told what was computed anyway and changes nothing.
 */
public interface ResolutionTrace {
  /** Hears nothing. */
  ResolutionTrace NONE = new ResolutionTrace() {};

  /** Which part of the algorithm asks the auth rules. */
  enum Phase {
    /** Versions 2 and 2.1, steps 1 and 2: power events, in reverse topological power order. */
    POWER,
    /** Versions 2 and 2.1, steps 3 and 4: all others, in mainline order. */
    MAINLINE,
    /** Version 1, power levels, join rules and members: candidates in turn, until one fails. */
    V1_IN_TURN,
    /** Version 1, all other entries: the last candidate that is allowed. */
    V1_LAST_ALLOWED
  }

  /** The conflicted state set, by entry. */
  default void conflicts(SortedMap<StateKey, SortedSet<EventId>> candidates) {}

  /** The full conflicted set: with the auth difference, and from version 2.1 the subgraph. */
  default void fullConflictedSet(SortedSet<EventId> events) {}

  /**
   * The power events, and what of the full set is in their auth chains, as they will be checked.
   *
   * @param senderLevels the power level of each event's sender under its own auth events
   */
  default void powerOrder(List<EventId> events, SortedMap<EventId, Long> senderLevels) {}

  /**
   * All other events of the full set, as they will be checked.
   *
   * @param powerLevels the event where the mainline begins
   * @param positions how far back on the mainline each event joins it; {@link Integer#MAX_VALUE}
   *     where it never does
   */
  default void mainlineOrder(
      Optional<EventId> powerLevels, List<EventId> events, SortedMap<EventId, Integer> positions) {}

  /** The candidates of one entry as version 1 orders them: by depth, then by hash of their ids. */
  default void candidateOrder(StateKey key, List<EventId> events) {}

  /** An event was held against the state resolved so far; if allowed it is its entry from here. */
  default void checked(Phase phase, EventId event, AuthResult result) {}

  /** An entry that the checks had set falls back to the event that all states share. */
  default void unconflictedWins(StateKey key, EventId event) {}
}
