package org.headrace.stateres.room;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand.RequestBackfill;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.Asked;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** Where history is missing, and who asks for it. */
final class Gaps {
  /** An effect that was not answered for so long is caused again. */
  static final long ASKED_MILLIS = 30 * 1000;

  private final RoomStore store;

  Gaps(RoomStore store) {
    this.store = store;
  }

  /** A place below which nothing is free for what lies before an event that comes now. */
  static long floor(@Nullable Head head) {
    return head == null ? Long.MIN_VALUE : head.shown();
  }

  /**
   * An event was shown at this place; if predecessors of it are missing, or of unshown events that
   * alone stand between, it has a gap below it.
   */
  void open(Decision decision, Pdu pdu, long place, long floor) {
    State state = decision.state();
    RoomId room = decision.room();
    List<EventId> frontier = frontier(state, room, pdu);
    if (!frontier.isEmpty()
        && place - 1 > floor
        && state.cells(RoomKeys.gaps(room), Gap.GAPS_MAX).size() < Gap.GAPS_MAX) {
      record(decision, new Gap(pdu.id(), pdu.id(), frontier, place - 1, floor, null));
    }
  }

  /** This event, and unshown ones behind it with nothing shown between, if predecessors miss. */
  private List<EventId> frontier(State state, RoomId room, Pdu shown) {
    TreeSet<EventId> frontier = new TreeSet<>();
    TreeSet<EventId> unshown = new TreeSet<>();
    Deque<Pdu> open = new ArrayDeque<>(List.of(shown));
    while (!open.isEmpty()) {
      Pdu next = open.remove();
      for (EventId prev : next.prevEvents()) {
        KnownEvent known = store.event(state, room, prev);
        if (known == null) {
          frontier.add(next.id());
        } else if (known.verdict() != Verdict.ACCEPTED
            && unshown.size() < Gap.FRONTIER_MAX
            && unshown.add(prev)) {
          open.add(known.pdu());
        }
      }
    }
    return frontier.stream().limit(Gap.FRONTIER_MAX).toList();
  }

  /** Whether predecessors of this event are not held. */
  boolean hasMissing(State state, RoomId room, EventId event) {
    return store.requireEvent(state, room, event).pdu().prevEvents().stream()
        .anyMatch(prev -> store.event(state, room, prev) == null);
  }

  static void record(Decision decision, Gap gap) {
    decision.add(
        new RoomRecord.GapChanged(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            gap.gapId(),
            gap.bottom(),
            gap.frontier(),
            gap.ceiling(),
            gap.floor(),
            gap.asked()));
  }

  /** Asks for history below a gap, unless that is being done. */
  List<Output> request(Decision decision, RequestBackfill command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Gap gap = store.gap(state, room, command.gapId());
    if (gap == null) {
      return decision.settle(complete());
    }
    Asked asked = gap.asked();
    if (asked != null && command.ts() - asked.ts() < ASKED_MILLIS) {
      return decision.settle(effect(asked.effectId()));
    }
    // Events may have come by other ways.
    List<EventId> frontier =
        gap.frontier().stream().filter(event -> hasMissing(state, room, event)).toList();
    String effectId = "room:" + room + ":" + decision.next().packed() + ":history";
    Asked now = frontier.isEmpty() ? null : new Asked(effectId, command.ts());
    record(decision, new Gap(gap.gapId(), gap.bottom(), frontier, gap.ceiling(), gap.floor(), now));
    if (frontier.isEmpty()) {
      return decision.settle(complete());
    }
    int limit = Math.clamp(command.limit(), 1, RoomLimits.CHUNK_EVENTS_MAX);
    RoomEffect effect =
        new RoomEffect.FetchHistory(
            effectId, room, gap.gapId(), command.asTenant(), frontier, limit);
    decision.addBeside(Output.of(Topic.ROOM_EFFECTS, room.value(), effect));
    return decision.settle(effect(effectId));
  }

  private static Outcome complete() {
    return new Outcome.Done(Json.object().put("complete", true));
  }

  private static Outcome effect(String id) {
    return new Outcome.Done(Json.object().put("effect", id));
  }
}
