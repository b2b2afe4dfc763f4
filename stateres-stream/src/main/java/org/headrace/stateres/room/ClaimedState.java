package org.headrace.stateres.room;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.record.StateChange;
import org.headrace.topology.machine.State;

/** The state before an event as another server tells it. */
final class ClaimedState {
  private final RoomStore store;

  ClaimedState(RoomStore store) {
    this.store = store;
  }

  /**
   * Its root; empty if it is told against what is not known, or has more changes than a record. An
   * entry whose event is not known, refused, or of another key is left out of the state.
   *
   * @param computed takes tree nodes
   */
  Optional<String> root(
      State state, RoomId room, StateBefore claimed, Map<String, byte[]> computed) {
    KnownEvent base = store.event(state, room, claimed.base());
    if (base == null || claimed.changes().size() > Recorder.STATE_CHANGES_MAX) {
      return Optional.empty();
    }
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    for (StateChange change : claimed.changes()) {
      EventId event = change.eventId();
      KnownEvent known = event == null ? null : store.known(state, room, event);
      boolean isEntry =
          known != null && !known.isRejected() && known.pdu().is(change.type(), change.stateKey());
      changes.put(change.key(), Optional.ofNullable(isEntry ? event : null));
    }
    return Optional.of(store.tree(state, computed).update(base.before(), changes, computed::put));
  }
}
