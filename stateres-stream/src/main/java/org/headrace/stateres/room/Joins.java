package org.headrace.stateres.room;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.Membership;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.schema.command.RoomCommand.BeginJoin;
import org.headrace.schema.command.RoomCommand.CommitJoin;
import org.headrace.schema.command.RoomCommand.JoinEvent;
import org.headrace.schema.command.RoomCommand.JoinEvents;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Joins through another server, in bounded steps (design D6): a beginning, its auth chain and state
 * in chunks, and commits that move the room's current state and at last record the join.
 */
final class Joins {
  private static final String MEMBER = "m.room.member";

  /** Entries by which one step moves the current state: what other rooms wait for meanwhile. */
  static final int STATE_MOVED_MAX = 500;

  private final RoomStore store;
  private final Residency residency;
  private final Recorder recorder;
  private final Receipt receipt;
  private final Reception reception;
  private final Waiting waiting;
  private final Gaps gaps;

  Joins(
      RoomStore store,
      Residency residency,
      Recorder recorder,
      Receipt receipt,
      Reception reception,
      Waiting waiting,
      Gaps gaps) {
    this.store = store;
    this.residency = residency;
    this.recorder = recorder;
    this.receipt = receipt;
    this.reception = reception;
    this.waiting = waiting;
    this.gaps = gaps;
  }

  List<Output> begin(Decision decision, BeginJoin command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Head head = store.head(state, room);
    Joining running = store.joining(state, room);
    if (running != null && running.joinId().equals(command.joinId())) {
      return decision.settle(Decision.done());
    }
    if (running != null && command.ts() - running.ts() < RoomLimits.JOIN_ABANDONED_MILLIS) {
      return decision.refuse(
          new Refusal(Failure.IN_PROGRESS, "the room is being joined; try again later"));
    }
    if (running == null && residency.isResident(state, room, head)) {
      return decision.refuse(new Refusal(Failure.BAD_STATE, "the room is held here"));
    }
    RoomVersion version = RoomVersion.find(command.roomVersion()).orElse(null);
    if (version == null) {
      return decision.refuse(
          new Refusal(
              Failure.UNSUPPORTED_ROOM_VERSION,
              "room version " + command.roomVersion() + " is not supported"));
    }
    if (head != null && !head.tips().isEmpty() && !head.version().equals(version.id())) {
      return decision.refuse(
          new Refusal(Failure.BAD_STATE, "the room has version " + head.version()));
    }
    Pdu join;
    switch (Incoming.of(command.joinEvent(), true, version, room)) {
      case Incoming.Refused refused -> {
        return decision.refuse(refused.refusal());
      }
      case Incoming.Taken taken -> join = taken.pdu();
    }
    boolean joins =
        join.is(MEMBER, join.sender().value()) && Membership.of(join).equals(Membership.JOIN);
    if (!joins || store.event(state, room, join.id()) != null) {
      return decision.refuse(new Refusal(Failure.BAD_JSON, "that is not a new join event"));
    }
    waiting.giveUp(decision);
    decision.add(
        new RoomRecord.JoinBegun(
            decision.next(),
            room,
            command.id(),
            false,
            command.joinId(),
            version.id(),
            join.sender(),
            join.id(),
            command.ts()));
    return decision.settle(Decision.done());
  }

  List<Output> events(Decision decision, JoinEvents command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Joining joining = store.joining(state, room);
    if (joining == null || !joining.joinId().equals(command.joinId())) {
      return decision.refuse(notRunning());
    }
    if (command.events().size() > RoomLimits.CHUNK_EVENTS_MAX) {
      return decision.refuse(Reception.tooMany());
    }
    RoomVersion version = version(joining);
    Released released = new Released(store, decision);
    Map<StateKey, Optional<EventId>> entries = new TreeMap<>();
    for (JoinEvent event : command.events()) {
      Pdu pdu =
          reception.takeOutlier(decision, version, event.pdu(), event.signaturesValid(), released);
      // What is refused is left out of the state.
      if (pdu != null && event.inState() && pdu.isState()) {
        entries.put(new StateKey(pdu.type(), pdu.stateKey().orElseThrow()), Optional.of(pdu.id()));
      }
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    StateTree tree = store.tree(state, computed);
    String root = tree.update(joining.root(), entries, computed::put);
    StateView view = Recorder.view(tree, joining.root(), root);
    note(decision, joining, view);
    return decision.settle(Decision.done());
  }

  /** Records what the join has brought, and that it was worked on at the command's time. */
  private static void note(Decision decision, Joining joining, StateView brought) {
    decision.add(
        new RoomRecord.JoiningState(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            joining.joinId(),
            brought,
            decision.command().ts()));
  }

  List<Output> commit(Decision decision, CommitJoin command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Joining joining = store.joining(state, room);
    Head head = store.head(state, room);
    if (joining == null || head == null || !joining.joinId().equals(command.joinId())) {
      return committedBefore(decision, command, head);
    }
    RoomVersion version = version(joining);
    Pdu join;
    switch (Incoming.of(command.joinEvent(), true, version, room)) {
      case Incoming.Refused refused -> {
        return decision.refuse(refused.refusal());
      }
      case Incoming.Taken taken -> join = taken.pdu();
    }
    if (!join.id().equals(joining.joinEvent())) {
      return decision.refuse(new Refusal(Failure.BAD_JSON, "another join event was begun with"));
    }
    if (!reception.missingAuthEvents(state, join).isEmpty()) {
      return drop(decision, joining, Failure.REMOTE_REFUSED, "the join's auth events did not come");
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    ReceiptResult result =
        receipt.checkPast(state, room, version, join, joining.root(), new TreeSet<>(), computed);
    if (result instanceof ReceiptResult.Rejected denied) {
      return drop(decision, joining, Failure.FORBIDDEN, denied.reason());
    }
    if (!recorder.moveState(decision, head, joining.root(), STATE_MOVED_MAX)) {
      // Nothing new, but somebody is at work on it.
      note(decision, joining, new StateView(joining.root(), List.of()));
      return decision.settle(new Outcome.Done(Json.object().put("more", true)));
    }
    return finish(decision, joining, version, join);
  }

  /** The state is there: the join event is the room's only extremity. */
  private List<Output> finish(Decision decision, Joining joining, RoomVersion version, Pdu join) {
    State state = decision.state();
    Head head = Objects.requireNonNull(store.head(state, decision.room()));
    long floor = Gaps.floor(head);
    long place = decision.next().packed();
    Released released = new Released(store, decision);
    released.expect(join.id());
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    recorder.record(
        decision, head.withoutTips(), version, Candidate.accepted(join, joining.root()), computed);
    released.collect();
    gaps.open(decision, join, place, floor);
    reception.release(decision, version, released);
    return decision.settle(Decision.done("event_id", join.id().value()));
  }

  /** A repeat of the last step, or of one of a join that was given up. */
  private List<Output> committedBefore(Decision decision, CommitJoin command, @Nullable Head head) {
    Optional<Pdu> join =
        head == null
            ? Optional.empty()
            : Incoming.of(command.joinEvent(), true, head.roomVersion(), command.roomId()).taken();
    if (join.isPresent()) {
      KnownEvent known = store.event(decision.state(), command.roomId(), join.get().id());
      if (known != null && known.verdict() == Verdict.ACCEPTED) {
        return decision.settle(Decision.done("event_id", known.id().value()));
      }
    }
    return decision.refuse(notRunning());
  }

  private List<Output> drop(Decision decision, Joining joining, Failure failure, String message) {
    Outcome outcome = new Outcome.Failed(failure, message);
    waiting.giveUp(decision);
    decision.add(
        new RoomRecord.JoinDropped(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            joining.joinId(),
            outcome));
    return decision.settle(outcome);
  }

  private static Refusal notRunning() {
    return new Refusal(Failure.BAD_STATE, "no such join is under way");
  }

  private static RoomVersion version(Joining joining) {
    return RoomVersion.find(joining.version())
        .orElseThrow(() -> new IllegalStateException("room version " + joining.version()));
  }
}
