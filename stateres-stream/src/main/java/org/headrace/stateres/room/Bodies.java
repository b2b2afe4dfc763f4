package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * What of events is beside the log (design D8): one body for each, in whatever roles the event is
 * known. It comes with the first record of a role; none is of what is refused in all of them.
 */
final class Bodies {
  private final RoomStore store;

  Bodies(RoomStore store) {
    this.store = store;
  }

  /**
   * What becomes of an event's body as the event is decided.
   *
   * @param isThere whether it has one from now on
   * @param since of the earlier record that it came with, or null
   * @param comes it, if it is to be put there
   * @param goes whether it is to be taken from there
   */
  record Story(
      boolean isThere, @Nullable Position since, @Nullable ObjectNode comes, boolean goes) {
    void follow(Decision decision, EventId event) {
      if (comes != null) {
        put(decision, event, comes);
      } else if (goes) {
        take(decision, event);
      }
    }
  }

  /**
   * The body's story at this decision.
   *
   * @param body what came now of the event besides its skeleton
   */
  Story of(State state, Candidate event, ObjectNode body) {
    Pdu pdu = event.pdu();
    RoomId room = pdu.roomId();
    WaitingEvent waited = waiting(state, room, pdu.id());
    Position waiting = waited != null && waited.hasBody() ? waited.since() : null;
    Position since = waiting != null ? waiting : event.bodySince();
    if (event.verdict() == Verdict.REJECTED) {
      return new Story(false, since, null, waiting != null && !isKept(state, room, pdu.id()));
    }
    if (isTaken(state, pdu)) {
      return new Story(false, since, null, false);
    }
    if (since != null) {
      return new Story(true, since, null, false);
    }
    return body.isEmpty()
        ? new Story(false, null, null, false)
        : new Story(true, null, body, false);
  }

  /** Whether the body of an event with this verdict is to be put beside the log. */
  boolean comes(State state, Verdict verdict, Pdu pdu, ObjectNode body) {
    return verdict != Verdict.REJECTED && !body.isEmpty() && !isTaken(state, pdu);
  }

  /** Whether it was redacted as an outlier. */
  private boolean isTaken(State state, Pdu pdu) {
    return store.outlierBefore(state, pdu.roomId(), pdu) != null
        && state.cell(RoomKeys.redaction(pdu.roomId(), pdu.id())) != null;
  }

  /** Whether an event that waits in vain, or is refused, needs its body in another role. */
  boolean isKept(State state, RoomId room, EventId event) {
    KnownEvent outlier = store.outlier(state, room, event);
    return (outlier != null && !outlier.isRejected()) || store.minted(state, room, event) != null;
  }

  private @Nullable WaitingEvent waiting(State state, RoomId room, EventId event) {
    Head head = store.head(state, room);
    return head == null || head.waiting() == 0 ? null : WaitingRoom.get(state, room, event);
  }

  static void put(Decision decision, EventId event, ObjectNode body) {
    decision.addBeside(Output.of(Topic.ROOM_BODIES, key(decision.room(), event), body));
  }

  static void take(Decision decision, EventId event) {
    decision.addBeside(Output.tombstone(Topic.ROOM_BODIES, key(decision.room(), event)));
  }

  private static String key(RoomId room, EventId event) {
    return room + "|" + event;
  }
}
