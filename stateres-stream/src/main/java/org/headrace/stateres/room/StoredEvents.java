package org.headrace.stateres.room;

import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.receipt.RoomEvents;
import org.headrace.core.state.StateTree;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** A room's decided events as the rules read them; outliers are known, but have no place. */
final class StoredEvents implements RoomEvents {
  private final RoomStore store;
  private final State state;
  private final RoomId room;
  private final @Nullable KnownEvent pending;

  /**
   * The events of the room.
   *
   * @param pending one that is not recorded yet, or null
   */
  StoredEvents(RoomStore store, State state, RoomId room, @Nullable KnownEvent pending) {
    this.store = store;
    this.state = state;
    this.room = room;
    this.pending = pending;
  }

  private boolean isPending(EventId id) {
    return pending != null && pending.id().equals(id);
  }

  private KnownEvent known(EventId id) {
    return pending != null && isPending(id) ? pending : store.requireKnown(state, room, id);
  }

  private KnownEvent placed(EventId id) {
    return pending != null && isPending(id) ? pending : store.requireEvent(state, room, id);
  }

  @Override
  public boolean isKnown(EventId id) {
    return isPending(id) || store.known(state, room, id) != null;
  }

  @Override
  public boolean isPlaced(EventId id) {
    return isPending(id) || store.event(state, room, id) != null;
  }

  @Override
  public Pdu event(EventId id) {
    return known(id).pdu();
  }

  @Override
  public boolean isAccepted(EventId id) {
    return placed(id).verdict() == Verdict.ACCEPTED;
  }

  @Override
  public boolean isRejected(EventId id) {
    return known(id).isRejected();
  }

  @Override
  public long order(EventId id) {
    return known(id).order();
  }

  /** The empty state before what came before its history did: all that is in it is older. */
  @Override
  public String rootBefore(EventId id) {
    KnownEvent known = known(id);
    return known.late() ? StateTree.EMPTY : known.before();
  }

  @Override
  public String rootAfter(EventId id) {
    return placed(id).after();
  }
}
