package org.headrace.stateres.room;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateDifference;
import org.headrace.core.state.StateTree;
import org.headrace.core.stateres.EventSource;
import org.headrace.core.stateres.StateResolution;
import org.headrace.core.stateres.UnconflictedState;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * The state that several states make together, as roots (spec, room versions, "State resolution").
 * Only what the trees differ in is looked at (design D5).
 */
final class Resolver {
  private final RoomStore store;

  Resolver(RoomStore store) {
    this.store = store;
  }

  /**
   * Resolves.
   *
   * @param pending an event of the states that is not recorded yet, or null
   * @param computed takes new tree nodes, and holds those that are not in the store yet
   */
  String resolve(
      State state,
      RoomId room,
      RoomVersion version,
      List<String> roots,
      @Nullable KnownEvent pending,
      Map<String, byte[]> computed) {
    List<String> distinct = roots.stream().distinct().sorted().toList();
    if (distinct.isEmpty()) {
      return StateTree.EMPTY;
    }
    String base = distinct.getFirst();
    if (distinct.size() == 1) {
      return base;
    }
    StateTree tree = store.tree(state, computed);
    SortedSet<StateKey> keys = new TreeSet<>();
    for (String root : distinct) {
      tree.diff(base, root).stream().map(StateDifference::key).forEach(keys::add);
    }
    List<SortedMap<StateKey, EventId>> conflicted = new ArrayList<>();
    for (String root : distinct) {
      SortedMap<StateKey, EventId> own = new TreeMap<>();
      keys.forEach(key -> tree.get(root, key).ifPresent(event -> own.put(key, event)));
      conflicted.add(own);
    }
    SortedMap<StateKey, EventId> resolved =
        StateResolution.resolveConflicts(
            version,
            unconflicted(tree, base, keys, id -> store.requireEvent(state, room, id).before()),
            conflicted,
            events(state, room, pending));
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    keys.forEach(key -> changes.put(key, Optional.empty()));
    resolved.forEach((key, event) -> changes.put(key, Optional.of(event)));
    return tree.update(base, changes, computed::put);
  }

  /**
   * What all states share.
   *
   * @param rootBefore the state before an event: all that it holds was stored before the event
   */
  private static UnconflictedState unconflicted(
      StateTree tree,
      String base,
      SortedSet<StateKey> conflicted,
      Function<EventId, String> rootBefore) {
    return new UnconflictedState() {
      @Override
      public Optional<EventId> get(StateKey key) {
        return conflicted.contains(key) ? Optional.empty() : tree.get(base, key);
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
        for (StateDifference changed : tree.diff(rootBefore.apply(earliest), base)) {
          get(changed.key()).ifPresent(later::add);
        }
        return later;
      }
    };
  }

  private EventSource events(State state, RoomId room, @Nullable KnownEvent pending) {
    return new EventSource() {
      private KnownEvent known(EventId id) {
        return pending != null && pending.id().equals(id)
            ? pending
            : store.requireEvent(state, room, id);
      }

      @Override
      public Pdu event(EventId id) {
        return known(id).pdu();
      }

      @Override
      public boolean isRejected(EventId id) {
        return known(id).isRejected();
      }

      @Override
      public long order(EventId id) {
        return known(id).order();
      }
    };
  }
}
