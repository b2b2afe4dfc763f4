package org.headrace.stateres.room;

import java.util.List;
import java.util.Objects;
import org.headrace.core.auth.Membership;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Closing;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.FinishUpgrade;
import org.headrace.schema.command.RoomCommand.Revision;
import org.headrace.schema.command.RoomCommand.UpgradeRoom;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.UpgradeStep;
import org.headrace.stateres.room.Drafting.Drafted;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/**
 * Upgrades, a saga of two rooms (design D12): the old room asks for the new one, the new one's
 * report gives the old one its tombstone, and what is left follows in commands. Each step follows
 * from the log alone, so an upgrade goes on after a crash; until the report, nobody sees any of it.
 */
final class Upgrades {
  static final String REPLACEMENT = "replacement_room";
  private static final String TOMBSTONE = "m.room.tombstone";

  private final RoomStore store;
  private final Drafting drafting;

  Upgrades(RoomStore store, Drafting drafting) {
    this.store = store;
    this.drafting = drafting;
  }

  List<Output> begin(Decision decision, UpgradeRoom command) {
    Head head = store.head(decision.state(), decision.room());
    if (head == null || store.joining(decision.state(), decision.room()) != null) {
      return decision.refuse(notInRoom());
    }
    if (command.closing().aliases().size() > RoomLimits.UPGRADE_ALIASES_MAX) {
      return decision.refuse(
          new Refusal(
              Failure.LIMIT_EXCEEDED,
              "an upgrade moves " + RoomLimits.UPGRADE_ALIASES_MAX + " aliases at most"));
    }
    Upgrade present = store.upgrade(decision.state(), decision.room());
    String toVersion = command.create().roomVersion();
    if (present != null && present.upgradeId().equals(command.id())) {
      return decision.settle(state(present));
    }
    StateLookup state = drafting.current(decision, head);
    if (!Membership.of(state, command.user().value()).equals(Membership.JOIN)) {
      return decision.refuse(notInRoom());
    }
    if (present != null && present.isRunning(command.ts())) {
      return present.isSame(command.user(), toVersion)
          ? decision.settle(state(present))
          : decision.refuse(
              new Refusal(Failure.IN_PROGRESS, "the room is being upgraded; try again later"));
    }
    if (present != null
        && present.isSame(command.user(), toVersion)
        && leadsTo(decision, state, present)) {
      return decision.settle(state(present));
    }
    PowerLevels levels = PowerLevels.of(head.roomVersion(), state);
    if (levels.userLevel(command.user()) < levels.required(TOMBSTONE, true)) {
      return decision.refuse(
          new Refusal(Failure.FORBIDDEN, "you may not send a tombstone in this room"));
    }
    Upgrade begun =
        new Upgrade(
            command.id(),
            command.user(),
            toVersion,
            command.create().roomId(),
            UpgradeStep.BEGUN,
            command.ts(),
            null);
    note(decision, begun, UpgradeStep.BEGUN, null);
    RoomCommand.CreateRoom create =
        command
            .create()
            .with(new RoomCommand.Upgrading(decision.room(), command.id(), command.closing()));
    decision.addBeside(Output.of(Topic.ROOM_COMMANDS, create.roomId().value(), create));
    return decision.settle(state(begun));
  }

  List<Output> finish(Decision decision, FinishUpgrade command) {
    Upgrade upgrade = store.upgrade(decision.state(), decision.room());
    if (upgrade == null || !upgrade.upgradeId().equals(command.upgradeId())) {
      return decision.refuse(new Refusal(Failure.BAD_STATE, "no such upgrade is under way"));
    }
    if (upgrade.step() != UpgradeStep.BEGUN) {
      return decision.settle(state(upgrade)); // A repeat.
    }
    if (command.outcome() instanceof Outcome.Failed) {
      note(decision, upgrade, UpgradeStep.DROPPED, null);
      return decision.settle(command.outcome());
    }
    Head head = store.head(decision.state(), decision.room());
    if (head == null || store.joining(decision.state(), decision.room()) != null) {
      // All of ours have left meanwhile, and one is coming back: the state is not the room's yet.
      note(decision, upgrade, UpgradeStep.DROPPED, null);
      return decision.settle(notInRoom().outcome());
    }
    Closing closing = command.closing();
    StateLookup state = drafting.current(decision, head);
    Position first = decision.next();
    switch (drafting.add(decision, closing.tombstone(), null, null)) {
      case Drafted.Refused refused -> {
        // The user has lost their power meanwhile. They are alone in a room that nothing leads to.
        note(decision, upgrade, UpgradeStep.DROPPED, null);
        return decision.settle(refused.refusal().outcome());
      }
      case Drafted.Recorded recorded -> note(decision, upgrade, UpgradeStep.DONE, recorded.event());
      case Drafted.Pending pending -> note(decision, upgrade, UpgradeStep.DONE, pending.event());
    }
    for (Revision revision : closing.revisions()) {
      Draft draft = revision.draft();
      if (!isOfCurrent(state, revision)) {
        continue; // Somebody has changed it meanwhile.
      }
      RoomCommand send =
          new RoomCommand.SendEvent(
              Recorder.crossingId(decision.room(), first, draft.type()),
              command.ts(),
              decision.room(),
              draft,
              null);
      decision.addBeside(Output.of(Topic.ROOM_COMMANDS, decision.room().value(), send));
    }
    moveNames(decision, command, upgrade, first);
    return decision.settle(Decision.done(REPLACEMENT, command.replacement().value()));
  }

  private static boolean isOfCurrent(StateLookup state, Revision revision) {
    EventId of = revision.of();
    String key = Objects.requireNonNullElse(revision.draft().stateKey(), "");
    return of == null
        || state
            .get(new StateKey(revision.draft().type(), key))
            .map(Pdu::id)
            .filter(of::equals)
            .isPresent();
  }

  /** What leads users to the old room leads them to the new one. */
  private static void moveNames(
      Decision decision, FinishUpgrade command, Upgrade upgrade, Position at) {
    Closing closing = command.closing();
    for (RoomAlias alias : closing.aliases()) {
      tell(
          decision,
          new AccountCommand.MoveAlias(
              Recorder.crossingId(decision.room(), at, alias.value()),
              command.ts(),
              alias,
              decision.room(),
              command.replacement(),
              upgrade.user(),
              closing.mayMoveOthers()));
    }
    if (closing.directory() != null) {
      // The new one first: a crash between leaves both rather than none.
      tell(
          decision,
          new AccountCommand.ListRoom(
              Recorder.crossingId(decision.room(), at, "list"),
              command.ts(),
              command.replacement(),
              closing.directory(),
              true));
      tell(
          decision,
          new AccountCommand.ListRoom(
              Recorder.crossingId(decision.room(), at, "unlist"),
              command.ts(),
              decision.room(),
              closing.directory(),
              false));
    }
  }

  private static void tell(Decision decision, AccountCommand command) {
    decision.addBeside(Output.of(Topic.ACCOUNT_COMMANDS, command.key(), command));
  }

  private static void note(
      Decision decision, Upgrade upgrade, UpgradeStep step, @Nullable EventId tombstone) {
    decision.add(
        new RoomRecord.UpgradeChanged(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            upgrade.upgradeId(),
            upgrade.user(),
            upgrade.toVersion(),
            upgrade.replacement(),
            step,
            upgrade.ts(),
            tombstone));
  }

  /** What a request for this upgrade is told. */
  private static Outcome state(Upgrade upgrade) {
    return switch (upgrade.step()) {
      case BEGUN ->
          new Outcome.Done(
              Json.object()
                  .put(Pending.MEMBER, Pending.idOf(upgrade.upgradeId()))
                  .put(REPLACEMENT, upgrade.replacement().value()));
      case DONE -> Decision.done(REPLACEMENT, upgrade.replacement().value());
      case DROPPED -> new Outcome.Failed(Failure.BAD_STATE, "the upgrade was refused");
    };
  }

  /** Whether the room's tombstone is still that of this upgrade, or will be once it is signed. */
  private boolean leadsTo(Decision decision, StateLookup state, Upgrade upgrade) {
    EventId tombstone = upgrade.tombstone();
    if (tombstone == null) {
      return false;
    }
    Minted minted = store.minted(decision.state(), decision.room(), tombstone);
    if (minted != null) {
      return decision.command().ts() - minted.ts() < Minted.ABANDONED_MILLIS;
    }
    return state
        .get(new StateKey(TOMBSTONE, ""))
        .map(Pdu::id)
        .filter(tombstone::equals)
        .isPresent();
  }

  private static Refusal notInRoom() {
    return new Refusal(Failure.FORBIDDEN, "you are not in this room");
  }
}
