package org.headrace.stateres.room;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.RoomRecord.EventWaiting;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Received events that wait for others: a cell of each, one of its age, and one for each that it
 * waits for.
 */
final class WaitingRoom {
  private WaitingRoom() {}

  static @Nullable WaitingEvent get(State state, RoomId room, EventId event) {
    byte[] bytes = state.cell(RoomKeys.waiting(room, event));
    return bytes == null ? null : LogJson.decode(bytes, WaitingEvent.class);
  }

  /** Takes it in; 1 if it did not wait before, else 0. */
  static int add(State state, EventWaiting waiting) {
    RoomId room = waiting.roomId();
    WaitingEvent present = get(state, room, waiting.eventId());
    if (present != null) {
      state.deleteCell(RoomKeys.waitingSince(room, present));
    }
    WaitingEvent event = WaitingEvent.of(waiting);
    byte[] id = event.id().value().getBytes(StandardCharsets.UTF_8);
    put(state, room, event);
    state.putCell(RoomKeys.waitingSince(room, event), id);
    for (EventId missing : event.missing()) {
      state.putCell(RoomKeys.waitingFor(room, missing) + event.id(), id);
    }
    return present == null ? 1 : 0;
  }

  /** The events that wait for this one. */
  static List<EventId> waiters(State state, RoomId room, EventId event) {
    return state
        .cells(RoomKeys.waitingFor(room, event), Reception.WAITING_EVENTS_MAX)
        .values()
        .stream()
        .map(RoomApply::eventId)
        .toList();
  }

  /**
   * The event is known now: nothing waits for it any more.
   *
   * @param outlier then it still lacks as a predecessor
   */
  static void met(State state, RoomId room, EventId event, boolean outlier) {
    for (EventId waiter : waiters(state, room, event)) {
      WaitingEvent waiting = get(state, room, waiter);
      if (outlier
          && waiting != null
          && new Pdu(waiter, room, waiting.skeleton()).prevEvents().contains(event)) {
        continue;
      }
      state.deleteCell(RoomKeys.waitingFor(room, event) + waiter);
      if (waiting != null) {
        put(state, room, waiting.without(event));
      }
    }
  }

  /** It waits no more, whatever for; 1 if it did, else 0. */
  static int remove(State state, RoomId room, EventId event) {
    WaitingEvent waiting = get(state, room, event);
    if (waiting == null) {
      return 0;
    }
    for (EventId missing : waiting.missing()) {
      state.deleteCell(RoomKeys.waitingFor(room, missing) + event);
    }
    state.deleteCell(RoomKeys.waitingSince(room, waiting));
    state.deleteCell(RoomKeys.waiting(room, event));
    return 1;
  }

  /** The oldest that wait. */
  static List<WaitingEvent> oldest(State state, RoomId room, int max) {
    return state.cells(RoomKeys.waitingSince(room), max).values().stream()
        .map(id -> Objects.requireNonNull(get(state, room, RoomApply.eventId(id))))
        .toList();
  }

  /** Nothing waits any more. */
  static void clear(State state, RoomId room) {
    String prefix = RoomKeys.waiting(room);
    for (String key : state.cells(prefix, Reception.WAITING_EVENTS_MAX).keySet()) {
      remove(state, room, new EventId(key.substring(prefix.length())));
    }
  }

  private static void put(State state, RoomId room, WaitingEvent waiting) {
    state.putCell(RoomKeys.waiting(room, waiting.id()), LogJson.encode(waiting));
  }
}
