package org.headrace.core.dag;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.roomversion.RoomVersion;

/** A room whose events are all decided: what became of each, and the state before and after it. */
public final class DagReplay {
  private final RoomVersion version;
  private final DagRun run;

  DagReplay(RoomVersion version, DagRun run) {
    this.version = version;
    this.run = run;
  }

  public RoomVersion version() {
    return version;
  }

  /** The decided events in the order in which they were: each after all that it names. */
  public List<EventId> order() {
    return run.decided().stream().map(node -> node.id).toList();
  }

  /** Whether the event was there and decided. */
  public boolean isKnown(EventId id) {
    return run.events().isKnown(id);
  }

  /** What became of a decided event. */
  public DagVerdict verdict(EventId id) {
    DagVerdict verdict = run.events().node(id).verdict;
    if (verdict == null) {
      throw new IllegalArgumentException("event " + id + " is missing");
    }
    return verdict;
  }

  /** A decided event, without what no rule reads. */
  public Pdu event(EventId id) {
    return run.events().event(id);
  }

  /** The events that turned out not to be of this room's graph, by id. */
  public Map<EventId, ReceiptResult.Dropped> dropped() {
    return Collections.unmodifiableMap(run.dropped());
  }

  /** Prev events that are not there. */
  public SortedSet<EventId> missingPrevEvents() {
    SortedSet<EventId> missing = new TreeSet<>();
    for (DagNode node : run.decided()) {
      addMissing(node.prev, missing);
    }
    return missing;
  }

  /** Auth events that are not there; from version 12 on the create event too. */
  public SortedSet<EventId> missingAuthEvents() {
    SortedSet<EventId> missing = new TreeSet<>();
    for (DagNode node : run.decided()) {
      addMissing(node.auth, missing);
    }
    run.createMissing().ifPresent(missing::add);
    return missing;
  }

  /** The forward extremities, sorted. */
  public List<EventId> extremities() {
    return run.tips().stream().map(node -> node.id).sorted().toList();
  }

  /** Whether the state at the extremities is that of whole history. */
  public boolean wholeHistory() {
    return !run.tips().isEmpty() && run.tips().stream().allMatch(DagNode::isWhole);
  }

  /** Root of the state at the extremities: the states after them, resolved. */
  public String currentRoot() {
    return run.current();
  }

  public String rootBefore(EventId id) {
    return run.events().rootBefore(id);
  }

  public String rootAfter(EventId id) {
    return run.events().rootAfter(id);
  }

  /** The state under a root of this replay, by type and state key. */
  public SortedMap<StateKey, EventId> state(String root) {
    return run.tree().entries(root);
  }

  /** The state at the extremities. */
  public SortedMap<StateKey, EventId> state() {
    return state(currentRoot());
  }

  /** Why the state at the extremities has the entry that it has. */
  public Explanation explain(StateKey key) {
    return new Explainer(run).explain(Optional.empty(), key);
  }

  /** The same of the state before an event. */
  public Explanation explainBefore(EventId event, StateKey key) {
    return new Explainer(run).explain(Optional.of(event), key);
  }

  private static void addMissing(DagNode[] named, SortedSet<EventId> missing) {
    for (DagNode node : named) {
      if (!node.isDecided()) {
        missing.add(node.id);
      }
    }
  }
}
