package org.headrace.core.dag;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.core.dag.Explanation.Cause;
import org.headrace.core.dag.Explanation.Fork;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/** Goes back from a state to where an entry of it was decided. */
final class Explainer {
  private final DagRun run;

  Explainer(DagRun run) {
    this.run = run;
  }

  Explanation explain(Optional<EventId> before, StateKey key) {
    DagNode at = before.map(run.events()::node).orElse(null);
    String root = at == null ? run.current() : at.before;
    Optional<EventId> winner = run.tree().get(root, key);
    List<EventId> candidates = new ArrayList<>();
    for (DagNode node : run.decided()) {
      if (key.equals(node.key)) {
        candidates.add(node.id);
      }
    }
    return new Explanation(key, before, winner, cause(at, key, winner), candidates);
  }

  /** Each step goes to an event that was decided before, so it ends. */
  private Cause cause(@Nullable DagNode from, StateKey key, Optional<EventId> winner) {
    DagNode at = from;
    while (true) {
      List<DagNode> forks = new ArrayList<>(forks(at));
      boolean agreed =
          forks.stream().allMatch(fork -> run.tree().get(fork.after, key).equals(winner));
      if (forks.isEmpty() || !agreed) {
        return decidedHere(at, key, winner, forks);
      }
      DagNode last = forks.stream().max(Comparator.comparingLong(fork -> fork.order)).get();
      if (Optional.of(last.id).equals(winner)) {
        return new Cause.Set();
      }
      at = last;
    }
  }

  private List<DagNode> forks(@Nullable DagNode at) {
    return at == null
        ? run.tips()
        : List.of(at.prev).stream().filter(DagNode::isDecided).distinct().toList();
  }

  private Cause decidedHere(
      @Nullable DagNode at, StateKey key, Optional<EventId> winner, List<DagNode> forks) {
    Optional<EventId> event = Optional.ofNullable(at).map(node -> node.id);
    RecordedResolution resolution = new RecordedResolution();
    String resolved =
        run.resolution().resolve(forks.stream().map(fork -> fork.after).toList(), resolution);
    boolean gap = at != null && (at.lacksPrevEvents() || at.verdict != null && !at.isWhole());
    if (at != null && gap && !run.tree().get(resolved, key).equals(winner)) {
      return new Cause.Assumed(at.id);
    }
    if (forks.isEmpty()) {
      return new Cause.NeverSet();
    }
    List<Fork> entries =
        forks.stream().map(fork -> new Fork(fork.id, run.tree().get(fork.after, key))).toList();
    return new Cause.Resolved(event, entries, resolution);
  }
}
