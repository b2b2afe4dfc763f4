package org.headrace.stateres.room;

import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.Membership;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
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
  private final RoomApply apply = new RoomApply(store);
  private final Drafting drafting;
  private final Creation creation;
  private final Sending sending;
  private final Memberships memberships;
  private final Reception reception;

  public RoomMachine() {
    Resolver resolver = new Resolver(store);
    Recorder recorder = new Recorder(store, resolver);
    drafting = new Drafting(store, recorder);
    creation = new Creation(store, apply, drafting);
    sending = new Sending(store, drafting);
    memberships = new Memberships(store, drafting);
    reception = new Reception(store, recorder, new Receipt(store, resolver, recorder));
  }

  @Override
  public void apply(State state, RoomRecord record) {
    apply.apply(state, record);
  }

  @Override
  public List<Output> decide(State state, RoomCommand command, Position at) {
    Decision decision = new Decision(state, command, at, apply);
    Outcome earlier = earlier(state, command);
    if (earlier != null) {
      return decision.settle(earlier);
    }
    return switch (command) {
      case RoomCommand.CreateRoom create -> creation.decide(state, create, at);
      case RoomCommand.SendEvent send -> sending.send(decision, send);
      case RoomCommand.ChangeMembership change -> memberships.decide(decision, change);
      case RoomCommand.Redact redact -> sending.redact(decision, redact);
      case RoomCommand.ForgetRoom forget -> forget(decision, forget);
      case RoomCommand.ReceiveEvent receive -> reception.receive(decision, receive);
      case RoomCommand.EchoProfile echo -> sending.echoProfile(decision, echo);
      case RoomCommand.EchoDevices echo -> echoDevices(decision, echo);
      case RoomCommand.Pad pad -> decision.settle(Decision.done());
    };
  }

  @Override
  public List<Output> refuse(
      String key, String commandId, Position at, Failure failure, String message) {
    Outcome outcome = new Outcome.Failed(failure, message);
    RoomRecord record = new RoomRecord.CommandSettled(at, roomOf(key), commandId, true, outcome);
    Tick tick = new Tick.Decided(key, commandId, at, outcome);
    return List.of(Output.log(Topic.ROOM_LOG, key, record), Output.of(Topic.ROOM_TICKS, key, tick));
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
    Head head = store.head(decision.state(), command.roomId());
    if (head == null) {
      return decision.settle(Decision.done());
    }
    Optional<Pdu> member =
        drafting.current(decision, head).get(StateKey.member(command.user().value()));
    if (member.isEmpty()) {
      return decision.settle(Decision.done());
    }
    String membership = Membership.of(member.get());
    if (!membership.equals(Membership.LEAVE) && !membership.equals(Membership.BAN)) {
      return decision.refuse(new Refusal(Failure.BAD_STATE, "leave the room before forgetting it"));
    }
    decision.add(
        new RoomRecord.RoomForgotten(
            decision.next(), command.roomId(), command.id(), false, command.user()));
    return decision.settle(Decision.done());
  }

  private List<Output> echoDevices(Decision decision, RoomCommand.EchoDevices command) {
    Head head = store.head(decision.state(), command.roomId());
    String user = command.user().value();
    if (head == null
        || !Membership.of(drafting.current(decision, head), user).equals(Membership.JOIN)) {
      return decision.settle(Decision.done());
    }
    decision.add(
        new RoomRecord.DevicesChanged(
            decision.next(), command.roomId(), command.id(), false, command.user()));
    return decision.settle(Decision.done());
  }
}
