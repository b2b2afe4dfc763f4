package org.headrace.projections.rows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.StateView.Change;
import org.headrace.projections.view.StateView.Entry;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** Rows of rooms' states. */
public interface StateRows {
  /** What an entry became at a position; {@code event} null: there is none any more. */
  record Version(Position position, @Nullable EventId event) {}

  /** What is told of an entry: an event, or that there is none. */
  record Told(@Nullable EventId event) {
    Optional<EventId> id() {
      return Optional.ofNullable(event);
    }
  }

  /** The newest version of an entry that is not after this position. */
  Optional<Version> version(RoomId room, StateKey key, Position at);

  /** The entries of the state at a position, by type and state key; null: of all types. */
  List<Entry> entries(RoomId room, @Nullable String type, Position at);

  /** Changes with {@code after < position <= upTo}, by position, type, state key. */
  List<Change> changes(RoomId room, Position after, Position upTo);

  /** What an event's own rows tell of an entry of the state before it. */
  Optional<Told> before(RoomId room, EventId event, StateKey key);

  /** All that an event's own rows tell. */
  Map<StateKey, Told> before(RoomId room, EventId event);

  /** What rows of the past tell of an entry: the first with {@code place <= its place <= top}. */
  Optional<Told> past(RoomId room, StateKey key, long place, long top);

  /** All that rows of the past tell there. */
  Map<StateKey, Told> past(RoomId room, long place, long top);

  /** The highest place of the gap that has this place; the place itself if no gap has it. */
  long gapTop(RoomId room, long place);
}
