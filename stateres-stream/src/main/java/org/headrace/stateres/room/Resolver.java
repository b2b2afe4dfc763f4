package org.headrace.stateres.room;

import java.util.List;
import java.util.Map;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.TreeResolution;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** The state that several states of a stored room make together, as roots. */
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
    StoredEvents events = new StoredEvents(store, state, room, pending);
    return resolution(state, version, events, computed).resolve(roots);
  }

  TreeResolution resolution(
      State state, RoomVersion version, StoredEvents events, Map<String, byte[]> computed) {
    return new TreeResolution(version, store.tree(state, computed), computed::put, events);
  }
}
