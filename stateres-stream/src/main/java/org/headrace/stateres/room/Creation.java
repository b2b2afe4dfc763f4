package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.CreateRoom;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.stateres.room.Drafting.Drafted;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;

/** Makes a room: all its initial events are accepted, or there is no room. */
final class Creation {
  /** Initial events of one room; each takes a position of the command. */
  static final int INITIAL_EVENTS_MAX = 1000;

  private final RoomStore store;
  private final RoomApply apply;
  private final Drafting drafting;
  private final Recorder recorder;

  Creation(RoomStore store, RoomApply apply, Drafting drafting, Recorder recorder) {
    this.store = store;
    this.apply = apply;
    this.drafting = drafting;
    this.recorder = recorder;
  }

  List<Output> decide(State state, CreateRoom command, Position at) {
    BufferedState buffer = new BufferedState(state);
    Decision whole = new Decision(buffer, command, at, apply);
    Optional<Refusal> refusal = make(whole, command);
    if (refusal.isPresent()) {
      Decision refused = new Decision(state, command, at, apply);
      report(command, at, refusal.get().outcome()).forEach(refused::addBeside);
      return refused.refuse(refusal.get());
    }
    Outcome done = Decision.done("room_id", command.roomId().value());
    report(command, at, done).forEach(whole::addBeside);
    List<Output> outputs = whole.settle(done);
    buffer.flush();
    return outputs;
  }

  /**
   * A command was lost in a power cut, and the log has the beginning of what was decided from it.
   * If it was making a room, there is none: its state is emptied, its bodies go, its creator is
   * told.
   *
   * @param at the position after what the log has
   */
  List<Output> undo(State state, RoomCommand.Pad pad, Position at) {
    boolean isCut = at.ordinal() > 0 && !pad.logged().isEmpty();
    if (!isCut
        || !(pad.logged().getFirst() instanceof RoomRecord.EventDecided create)
        || !create.skeleton().path("type").asText().equals("m.room.create")
        || !create.isMadeHere()) {
      return new Decision(state, pad, at, apply).settle(Decision.done());
    }
    RoomCommand.Pad ofRoom =
        new RoomCommand.Pad(pad.id(), pad.ts(), create.roomId(), pad.firstOrdinal(), pad.logged());
    Decision decision = new Decision(state, ofRoom, at, apply);
    recorder.undo(decision);
    for (RoomRecord record : pad.logged()) {
      record.withBody().ifPresent(event -> Bodies.take(decision, event));
    }
    return decision.settle(Decision.done());
  }

  private Optional<Refusal> make(Decision decision, CreateRoom command) {
    if (store.head(decision.state(), command.roomId()) != null) {
      return refusal(Failure.BAD_STATE, "the room exists already");
    }
    RoomVersion version = RoomVersion.find(command.roomVersion()).orElse(null);
    if (version == null) {
      return refusal(
          Failure.UNSUPPORTED_ROOM_VERSION,
          "room version " + command.roomVersion() + " is not supported");
    }
    if (command.events().size() > INITIAL_EVENTS_MAX) {
      return refusal(
          Failure.LIMIT_EXCEEDED, "a room may have " + INITIAL_EVENTS_MAX + " initial events");
    }
    Optional<Refusal> create = checkCreateEvent(command, version);
    if (create.isPresent()) {
      return create;
    }
    if (drafting.create(decision, version, command.createEvent())
        instanceof Drafted.Refused refused) {
      return named("m.room.create", refused.refusal());
    }
    for (Draft draft : command.events()) {
      if (drafting.begin(decision, draft) instanceof Drafted.Refused refused) {
        return named(draft.type(), refused.refusal());
      }
    }
    return Optional.empty();
  }

  /** The minted event must be the create event of this room, version and creator. */
  private static Optional<Refusal> checkCreateEvent(CreateRoom command, RoomVersion version) {
    ObjectNode create = command.createEvent();
    Optional<String> problem = EventFormat.check(create, version);
    if (problem.isPresent()) {
      return named("m.room.create", Drafting.malformed(problem.get()));
    }
    boolean matches =
        create.path("type").asText().equals("m.room.create")
            && create.path("state_key").asText("-").isEmpty()
            && create.path("sender").asText().equals(command.creator().value())
            && create.path("content").path("room_version").asText("1").equals(version.id())
            && create.path("signatures").isEmpty()
            && EventHashes.contentHashMatches(create, version)
            && EventHashes.roomIdOfCreate(create, version).equals(command.roomId());
    return matches
        ? Optional.empty()
        : refusal(Failure.BAD_JSON, "the create event is not that of this room");
  }

  private static Optional<Refusal> refusal(Failure failure, String message) {
    return Optional.of(new Refusal(failure, message));
  }

  private static Optional<Refusal> named(String type, Refusal refusal) {
    return refusal(refusal.failure(), type + ": " + refusal.message());
  }

  /** Word to the alias that the room was to have, and to the room that it replaces. */
  static List<Output> report(CreateRoom command, Position at, Outcome outcome) {
    List<Output> reports = new ArrayList<>();
    RoomAlias alias = command.alias();
    if (alias != null) {
      String id = Recorder.crossingId(command.roomId(), at, alias.value());
      boolean created = outcome instanceof Outcome.Done;
      AccountCommand settle =
          new AccountCommand.SettleAlias(id, command.ts(), alias, command.roomId(), created);
      reports.add(Output.of(Topic.ACCOUNT_COMMANDS, alias.value(), settle));
    }
    RoomCommand.Upgrading upgrades = command.upgrades();
    if (upgrades != null) {
      RoomCommand finish =
          new RoomCommand.FinishUpgrade(
              Pending.idOf(upgrades.upgradeId()),
              command.ts(),
              upgrades.room(),
              upgrades.upgradeId(),
              command.roomId(),
              outcome,
              upgrades.closing());
      reports.add(Output.of(Topic.ROOM_COMMANDS, upgrades.room().value(), finish));
    }
    return reports;
  }
}
