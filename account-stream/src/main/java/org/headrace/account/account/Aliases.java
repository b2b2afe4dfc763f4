package org.headrace.account.account;

import java.util.List;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/**
 * Room aliases, and entries of room directories, each an entity of its own. A room made with an
 * alias is a saga (design D12): the alias is reserved, the room is asked for, and the room's report
 * makes the alias public or frees it. Each step follows from the log alone, so the saga goes on
 * after a crash.
 */
final class Aliases {
  private final Cells cells;
  private final Decision decision;

  Aliases(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  List<Output> set(AccountCommand.SetAlias c) {
    if (isTaken(c.alias(), c.ts())) {
      return decision.fail(Failure.ALIAS_IN_USE, "this alias is taken");
    }
    change(c.alias(), c.room(), c.creator(), false, c.ts());
    return decision.done();
  }

  List<Output> delete(AccountCommand.DeleteAlias c) {
    Cells.Alias alias = cells.alias(c.alias());
    if (alias == null || alias.reserved()) {
      return decision.fail(Failure.NOT_FOUND, "no such alias");
    }
    if (!c.mayDeleteOthers() && !alias.creator().equals(c.user())) {
      return decision.fail(Failure.FORBIDDEN, "the alias is another user's");
    }
    change(c.alias(), null, null, false, c.ts());
    return decision.done();
  }

  /** Done in one step, so that no one else gets the alias between the two rooms. */
  List<Output> move(AccountCommand.MoveAlias c) {
    Cells.Alias alias = cells.alias(c.alias());
    if (alias == null || alias.reserved() || !alias.room().equals(c.from())) {
      return decision.done();
    }
    if (!c.alias().server().equals(c.user().server())) {
      return decision.fail(Failure.FORBIDDEN, "the alias is another server's");
    }
    if (!c.mayMoveOthers() && !alias.creator().equals(c.user())) {
      return decision.fail(Failure.FORBIDDEN, "the alias is another user's");
    }
    change(c.alias(), c.to(), c.user(), false, c.ts());
    return decision.done();
  }

  List<Output> createRoom(AccountCommand.CreateRoomWithAlias c) {
    if (isTaken(c.alias(), c.ts())) {
      return decision.fail(Failure.ALIAS_IN_USE, "this alias is taken");
    }
    change(c.alias(), c.create().roomId(), c.creator(), true, c.ts());
    decision.send(c.create().roomId(), c.create());
    return decision.done();
  }

  /** Reports of rooms that the alias is not reserved for are repeats, or too late. */
  List<Output> settle(AccountCommand.SettleAlias c) {
    Cells.Alias alias = cells.alias(c.alias());
    if (alias == null || !alias.reserved() || !alias.room().equals(c.room())) {
      return decision.done();
    }
    if (c.created()) {
      change(c.alias(), alias.room(), alias.creator(), false, c.ts());
    } else {
      change(c.alias(), null, null, false, c.ts());
    }
    return decision.done();
  }

  /** Of a directory's entry the newest counts; nothing is asked of those before. */
  List<Output> list(AccountCommand.ListRoom c) {
    decision.record(
        (position, last) ->
            new AccountRecord.RoomListed(
                position,
                decision.key(),
                decision.commandId(),
                last,
                c.room(),
                c.directory(),
                c.listed()));
    return decision.done();
  }

  /** A room whose command was lost reports nothing: what is reserved for it is free in the end. */
  private boolean isTaken(RoomAlias alias, long now) {
    Cells.Alias present = cells.alias(alias);
    return present != null && !present.hasLapsed(now);
  }

  private void change(
      RoomAlias alias, @Nullable RoomId room, @Nullable UserId creator, boolean reserved, long ts) {
    decision.record(
        (position, last) ->
            new AccountRecord.AliasChanged(
                position,
                decision.key(),
                decision.commandId(),
                last,
                alias,
                room,
                creator,
                reserved,
                ts));
  }
}
