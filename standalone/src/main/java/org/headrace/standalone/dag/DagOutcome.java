package org.headrace.standalone.dag;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.dag.Explanation;
import org.headrace.core.dag.RoomDag;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/**
 * What there is to print.
 *
 * @param at the event before which the state was asked for; empty: at the extremities
 */
public record DagOutcome(
    DagInput input,
    RoomDag dag,
    DagReplay replay,
    Optional<EventId> at,
    Optional<Explanation> explanation) {

  /** The decided events of which this holds, in the order of the replay. */
  List<EventId> those(Predicate<DagVerdict> is) {
    return replay.order().stream().filter(id -> is.test(replay.verdict(id))).toList();
  }

  SortedSet<EventId> missing() {
    SortedSet<EventId> missing = new TreeSet<>(replay.missingPrevEvents());
    missing.addAll(replay.missingAuthEvents());
    return missing;
  }

  String stateRoot() {
    return at.map(replay::rootBefore).orElseGet(replay::currentRoot);
  }

  SortedMap<StateKey, EventId> state() {
    return replay.state(stateRoot());
  }

  /** Whether all history behind the state is there. */
  boolean stateComplete() {
    return at.map(id -> replay.verdict(id).wholeHistory()).orElseGet(replay::wholeHistory);
  }
}
