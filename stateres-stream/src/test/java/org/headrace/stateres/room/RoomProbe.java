package org.headrace.stateres.room;

import java.util.Optional;
import java.util.SortedMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.state.StateTree;
import org.headrace.topology.machine.State;

/** Looks into a room's state from outside of the machine. */
public final class RoomProbe {
  private RoomProbe() {}

  /** The root of the room's current state, if there is such a room. */
  public static Optional<String> root(State state, RoomId room) {
    return Optional.ofNullable(new RoomStore().head(state, room)).map(Head::root);
  }

  /** The room's current state; nothing if there is no such room (any more). */
  public static SortedMap<StateKey, EventId> state(State state, RoomId room) {
    return new RoomStore().tree(state).entries(root(state, room).orElse(StateTree.EMPTY));
  }

  /** The state before a decided event that is no outlier. */
  public static SortedMap<StateKey, EventId> stateBefore(State state, RoomId room, EventId event) {
    RoomStore store = new RoomStore();
    return store.tree(state).entries(store.requireEvent(state, room, event).before());
  }
}
