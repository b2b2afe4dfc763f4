package org.headrace.stateres.room;

import java.util.List;
import java.util.Objects;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Decides that received events wait for others, and for how long. What waits has its body beside
 * the log; whoever refers to what was forgotten brings it again.
 */
final class Waiting {
  /** How long an event waits, in command time. */
  static final long MILLIS_MAX = 60 * 60 * 1000;

  /** Events that one command forgets. */
  static final int EXPIRED_PER_COMMAND_MAX = 20;

  private final RoomStore store;
  private final Bodies bodies;

  Waiting(RoomStore store, Bodies bodies) {
    this.store = store;
    this.bodies = bodies;
  }

  /**
   * The event waits from now on; maybe again, then it comes as its skeleton.
   *
   * @param fetch whether what is missing is asked for
   */
  void begin(Decision decision, ServerName origin, Pdu pdu, List<EventId> missing, boolean fetch) {
    State state = decision.state();
    RoomId room = decision.room();
    Head head = Objects.requireNonNull(store.head(state, room));
    String effectId = "room:" + room + ":" + decision.next().packed() + ":fetch";
    EventSkeleton.Split split = EventSkeleton.split(pdu.json(), head.roomVersion());
    WaitingEvent before = WaitingRoom.get(state, room, pdu.id());
    Position since = before != null && before.hasBody() ? before.since() : null;
    boolean comes = since == null && bodies.comes(state, Verdict.ACCEPTED, pdu, split.body());
    decision.add(
        new RoomRecord.EventWaiting(
            decision.next(),
            room,
            decision.command().id(),
            false,
            pdu.id(),
            split.skeleton(),
            since != null || comes,
            missing,
            decision.command().ts(),
            since));
    if (comes) {
      Bodies.put(decision, pdu.id(), split.body());
    }
    if (fetch) {
      RoomEffect effect =
          new RoomEffect.FetchEvents(effectId, room, origin, pdu.id(), split.skeleton(), missing);
      decision.addBeside(Output.of(Topic.ROOM_EFFECTS, room.value(), effect));
    }
  }

  /** Forgets the oldest of those that have waited for too long; returns the head after that. */
  @Nullable Head expire(Decision decision, @Nullable Head head) {
    if (head == null || head.waiting() == 0) {
      return head;
    }
    State state = decision.state();
    RoomId room = decision.room();
    for (WaitingEvent event : WaitingRoom.oldest(state, room, EXPIRED_PER_COMMAND_MAX)) {
      if (decision.command().ts() - event.ts() < MILLIS_MAX) {
        break;
      }
      decision.add(
          new RoomRecord.WaitingExpired(
              decision.next(), room, decision.command().id(), false, event.id()));
      takeBody(decision, event);
    }
    return store.head(state, room);
  }

  /** The next record gives up all that wait: their bodies go. */
  void giveUp(Decision decision) {
    Head head = store.head(decision.state(), decision.room());
    if (head != null && head.waiting() > 0) {
      WaitingRoom.oldest(decision.state(), decision.room(), Reception.WAITING_EVENTS_MAX)
          .forEach(event -> takeBody(decision, event));
    }
  }

  private void takeBody(Decision decision, WaitingEvent event) {
    if (event.hasBody() && !bodies.isKept(decision.state(), decision.room(), event.id())) {
      Bodies.take(decision, event.id());
    }
  }
}
