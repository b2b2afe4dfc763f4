package org.headrace.stateres.room;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.Membership;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.headrace.topology.machine.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * The room: decides commands into records and folds records into its state (design D1). Pure and
 * deterministic; what it caches are parsed forms of what the state holds. One thread.
 */
public final class RoomMachine implements StateMachine<RoomCommand, RoomRecord> {
  private static final RoomId NO_ROOM = new RoomId("!unreadable");

  private final RoomStore store = new RoomStore();
  private final Residency residency = new Residency(store);
  private final RoomApply apply = new RoomApply(store, residency);
  private final Drafting drafting;
  private final Creation creation;
  private final Sending sending;
  private final Memberships memberships;
  private final Minting minting;
  private final Gaps gaps = new Gaps(store);
  private final Reception reception;
  private final Joins joins;
  private final Upgrades upgrades;
  private final History history;
  private final RemoteMemberships remoteMemberships = new RemoteMemberships(store, residency);

  public RoomMachine() {
    Resolver resolver = new Resolver(store);
    Bodies bodies = new Bodies(store);
    Recorder recorder = new Recorder(store, resolver, bodies);
    Waiting waiting = new Waiting(store, bodies);
    Receipt receipt = new Receipt(store, resolver);
    minting = new Minting(store, recorder, receipt);
    drafting = new Drafting(store, recorder, minting);
    creation = new Creation(store, apply, drafting, recorder);
    sending = new Sending(store, drafting);
    memberships = new Memberships(store, residency, drafting);
    reception = new Reception(store, recorder, receipt, waiting, gaps);
    joins = new Joins(store, residency, recorder, receipt, reception, waiting, gaps);
    upgrades = new Upgrades(store, drafting);
    history = new History(store, resolver, recorder, receipt, reception, gaps);
  }

  @Override
  public void apply(State state, RoomRecord record) {
    apply.apply(state, record);
  }

  /** Bodies are no part of the state. */
  @Override
  public void applyBeside(State state, String key, byte @Nullable [] value) {}

  @Override
  public List<Output> decide(State state, RoomCommand command, Position at) {
    Decision decision = new Decision(state, command, at, apply);
    Outcome earlier = earlier(state, command);
    if (earlier != null) {
      return decision.settle(earlier);
    }
    return switch (command) {
      case RoomCommand.CreateRoom create -> creation.decide(state, create, at);
      case RoomCommand.UpgradeRoom upgrade -> upgrades.begin(decision, upgrade);
      case RoomCommand.FinishUpgrade finish -> upgrades.finish(decision, finish);
      case RoomCommand.SendEvent send -> sending.send(decision, send);
      case RoomCommand.ChangeMembership change -> memberships.decide(decision, change);
      case RoomCommand.Redact redact -> sending.redact(decision, redact);
      case RoomCommand.ForgetRoom forget -> forget(decision, forget);
      case RoomCommand.ReceiveEvent receive -> reception.receive(decision, receive);
      case RoomCommand.ReceiveOutliers outliers -> reception.receiveOutliers(decision, outliers);
      case RoomCommand.BeginJoin begin -> joins.begin(decision, begin);
      case RoomCommand.JoinEvents events -> joins.events(decision, events);
      case RoomCommand.CommitJoin commit -> joins.commit(decision, commit);
      case RoomCommand.AppendMinted append -> minting.append(decision, append);
      case RoomCommand.RequestBackfill request -> gaps.request(decision, request);
      case RoomCommand.Backfill backfill -> history.backfill(decision, backfill);
      case RoomCommand.NoteRemoteMembership note -> remoteMemberships.note(decision, note);
      case RoomCommand.EchoProfile echo -> sending.echoProfile(decision, echo);
      case RoomCommand.EchoDevices echo -> echoDevices(decision, echo);
      case RoomCommand.Pad pad -> creation.undo(state, pad, at);
    };
  }

  @Override
  public List<Output> refuse(
      String key, @Nullable RoomCommand command, Position at, Failure failure, String message) {
    String commandId = command == null ? "" : command.id();
    Outcome outcome = new Outcome.Failed(failure, message);
    RoomRecord record = new RoomRecord.CommandSettled(at, roomOf(key), commandId, true, outcome);
    Tick tick = new Tick.Decided(key, commandId, at, outcome);
    List<Output> outputs = new ArrayList<>();
    outputs.add(Output.log(Topic.ROOM_LOG, key, record));
    if (command instanceof RoomCommand.CreateRoom create) {
      outputs.addAll(Creation.report(create, at, outcome));
    }
    outputs.add(Output.of(Topic.ROOM_TICKS, key, tick));
    return outputs;
  }

  private static RoomId roomOf(String key) {
    try {
      return new RoomId(key);
    } catch (InvalidIdException e) {
      return NO_ROOM;
    }
  }

  /** What became of this command when it was met before; null if it was not. */
  private @Nullable Outcome earlier(State state, RoomCommand command) {
    String kind =
        switch (command) {
          case RoomCommand.CreateRoom create -> "event";
          case RoomCommand.ChangeMembership change -> "event";
          case RoomCommand.EchoProfile echo -> "event";
          case RoomCommand.SendEvent send when send.transaction() == null -> "event";
          case RoomCommand.Redact redact when redact.transaction() == null -> "event";
          case RoomCommand.EchoDevices echo -> "devices";
          // A transaction, the event's own id, or no harm in a repeat.
          case RoomCommand.SendEvent send -> "";
          case RoomCommand.Redact redact -> "";
          case RoomCommand.ReceiveEvent receive -> "";
          case RoomCommand.ReceiveOutliers outliers -> "";
          case RoomCommand.BeginJoin begin -> "join";
          case RoomCommand.JoinEvents events -> "";
          case RoomCommand.CommitJoin commit -> "";
          // The room's upgrade tells.
          case RoomCommand.UpgradeRoom upgrade -> "";
          case RoomCommand.FinishUpgrade finish -> "";
          case RoomCommand.AppendMinted append -> "";
          case RoomCommand.RequestBackfill request -> "";
          case RoomCommand.Backfill backfill -> "";
          case RoomCommand.NoteRemoteMembership note -> "";
          case RoomCommand.ForgetRoom forget -> "";
          case RoomCommand.Pad pad -> "";
        };
    if (kind.isEmpty()) {
      return null;
    }
    RoomId room = command.roomId();
    Optional<SeenCommand> seen =
        store
            .seen(state, room, kind, command.id())
            .or(() -> store.seen(state, room, "settled", command.id()));
    return seen.map(found -> outcome(command, found)).orElse(null);
  }

  private static Outcome outcome(RoomCommand command, SeenCommand seen) {
    if (seen.outcome() != null) {
      return seen.outcome();
    }
    return switch (command) {
      case RoomCommand.CreateRoom create -> Decision.done("room_id", create.roomId().value());
      default ->
          seen.event() == null || command instanceof RoomCommand.EchoProfile
              ? Decision.done()
              : Decision.done("event_id", seen.event().value());
    };
  }

  /** Those who have left may forget a room (client-server API, "Leaving rooms"). */
  private List<Output> forget(Decision decision, RoomCommand.ForgetRoom command) {
    Optional<String> known = membership(decision, command.user());
    if (known.isEmpty()) {
      return decision.settle(Decision.done());
    }
    String membership = known.get();
    if (!membership.equals(Membership.LEAVE) && !membership.equals(Membership.BAN)) {
      return decision.refuse(new Refusal(Failure.BAD_STATE, "leave the room before forgetting it"));
    }
    decision.add(
        new RoomRecord.RoomForgotten(
            decision.next(), command.roomId(), command.id(), false, command.user()));
    return decision.settle(Decision.done());
  }

  /** The user's membership: of the room's state, or as remembered while the room is not held. */
  private Optional<String> membership(Decision decision, UserId user) {
    Head head = store.head(decision.state(), decision.room());
    Remembered remembered = store.remembered(decision.state(), decision.room(), user);
    if (remembered != null && !residency.isResident(decision.state(), decision.room(), head)) {
      return Optional.of(remembered.membership());
    }
    return head == null
        ? Optional.empty()
        : drafting.current(decision, head).get(StateKey.member(user.value())).map(Membership::of);
  }

  private List<Output> echoDevices(Decision decision, RoomCommand.EchoDevices command) {
    Head head = store.head(decision.state(), command.roomId());
    String user = command.user().value();
    if (head == null
        || store.joining(decision.state(), command.roomId()) != null
        || !Membership.of(drafting.current(decision, head), user).equals(Membership.JOIN)) {
      return decision.settle(Decision.done());
    }
    decision.add(
        new RoomRecord.DevicesChanged(
            decision.next(),
            command.roomId(),
            command.id(),
            false,
            command.user(),
            command.changes()));
    return decision.settle(Decision.done());
  }
}
