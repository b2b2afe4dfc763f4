package org.headrace.core.stateres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.NodeSink;
import org.headrace.core.state.StateDifference;
import org.headrace.core.state.StateTree;

/**
 * The state that several states make together, as roots of a tree (spec, room versions, "State
 * resolution"). Only what the trees differ in is looked at (design D5).
 */
public final class TreeResolution {
  private final RoomVersion version;
  private final StateTree tree;
  private final NodeSink sink;
  private final StateEvents events;

  /**
   * Over a tree and the events that its states name.
   *
   * @param sink takes new nodes, which the tree must then be able to read
   */
  public TreeResolution(RoomVersion version, StateTree tree, NodeSink sink, StateEvents events) {
    this.version = version;
    this.tree = tree;
    this.sink = sink;
    this.events = events;
  }

  /** The root of the resolution; that of the empty state where there is no root. */
  public String resolve(List<String> roots) {
    return resolve(roots, ResolutionTrace.NONE);
  }

  /** The same, told as it happens; nothing is told where the states are equal. */
  public String resolve(List<String> roots, ResolutionTrace trace) {
    List<String> distinct = roots.stream().distinct().sorted().toList();
    if (distinct.isEmpty()) {
      return StateTree.EMPTY;
    }
    String base = distinct.getFirst();
    if (distinct.size() == 1) {
      return base;
    }
    // Per state, where it differs from the first; of the first, what the others differ in.
    List<SortedMap<StateKey, StateDifference>> differences = new ArrayList<>();
    SortedMap<StateKey, StateDifference> keys = new TreeMap<>();
    for (String root : distinct) {
      SortedMap<StateKey, StateDifference> changed = new TreeMap<>();
      for (StateDifference difference : tree.diff(base, root)) {
        changed.put(difference.key(), difference);
      }
      keys.putAll(changed);
      differences.add(changed);
    }
    List<SortedMap<StateKey, EventId>> conflicted = new ArrayList<>();
    for (SortedMap<StateKey, StateDifference> changed : differences) {
      SortedMap<StateKey, EventId> own = new TreeMap<>();
      keys.forEach(
          (key, inBase) -> {
            StateDifference difference = changed.get(key);
            EventId event = difference == null ? inBase.left() : difference.right();
            if (event != null) {
              own.put(key, event);
            }
          });
      conflicted.add(own);
    }
    SortedMap<StateKey, EventId> resolved =
        StateResolution.resolveConflicts(
            version, unconflicted(base, keys.keySet()), conflicted, events, trace);
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    keys.keySet().forEach(key -> changes.put(key, Optional.empty()));
    resolved.forEach((key, event) -> changes.put(key, Optional.of(event)));
    return tree.update(base, changes, sink);
  }

  /** What all states share. */
  private UnconflictedState unconflicted(String base, Set<StateKey> conflicted) {
    Map<StateKey, Optional<EventId>> asked = new TreeMap<>();
    return new UnconflictedState() {
      @Override
      public Optional<EventId> get(StateKey key) {
        return conflicted.contains(key)
            ? Optional.empty()
            : asked.computeIfAbsent(key, unasked -> tree.get(base, key));
      }

      @Override
      public Iterable<EventId> events() {
        SortedMap<StateKey, EventId> entries = tree.entries(base);
        entries.keySet().removeAll(conflicted);
        return entries.values();
      }

      @Override
      public Iterable<EventId> eventsAfter(EventId earliest) {
        List<EventId> later = new ArrayList<>();
        for (StateDifference changed : tree.diff(events.rootBefore(earliest), base)) {
          EventId event = changed.right();
          if (event != null && !conflicted.contains(changed.key())) {
            later.add(event);
          }
        }
        return later;
      }
    };
  }
}
