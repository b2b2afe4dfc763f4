package org.headrace.projections.view;

import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;

/**
 * A room's current state as it was after any record ({@code at}): versions are kept by position.
 * And the state before any event that is no outlier, which in forks and in the past is another one.
 */
public interface StateView {
  /** An entry of a state map. */
  record Entry(StateKey key, EventId eventId) {}

  /** A change at a position; {@code eventId} absent: the entry is gone. */
  record Change(Position position, StateKey key, Optional<EventId> eventId) {}

  Optional<EventId> entry(RoomId room, StateKey key, Position at);

  /** All entries of one type, by state key. */
  List<Entry> ofType(RoomId room, String type, Position at);

  /** The whole state, by type and state key. */
  List<Entry> all(RoomId room, Position at);

  /**
   * An entry of the state before an event, as its predecessors make it; empty too for an event that
   * is unknown or an outlier.
   */
  Optional<EventId> entryBefore(RoomId room, EventId event, StateKey key);

  /** The whole state before an event, by type and state key. */
  List<Entry> allBefore(RoomId room, EventId event);

  /** Changes with {@code after < position <= upTo}, in order of position. */
  List<Change> changes(RoomId room, Position after, Position upTo);
}
