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
 * Room aliases, each an entity of its own. A room made with an alias is a saga (design D12): the
 * alias is reserved, the room is asked for, and the room's report makes the alias public or frees
 * it. Each step follows from the log alone, so the saga goes on after a crash.
 */
final class Aliases {
  private final Cells cells;
  private final Decision decision;

  Aliases(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  List<Output> set(AccountCommand.SetAlias c) {
    if (cells.alias(c.alias()) != null) {
      return decision.fail(Failure.ALIAS_IN_USE, "this alias is taken");
    }
    change(c.alias(), c.room(), c.creator(), false);
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
    change(c.alias(), null, null, false);
    return decision.done();
  }

  List<Output> createRoom(AccountCommand.CreateRoomWithAlias c) {
    if (cells.alias(c.alias()) != null) {
      return decision.fail(Failure.ALIAS_IN_USE, "this alias is taken");
    }
    change(c.alias(), c.create().roomId(), c.creator(), true);
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
      change(c.alias(), alias.room(), alias.creator(), false);
    } else {
      change(c.alias(), null, null, false);
    }
    return decision.done();
  }

  private void change(
      RoomAlias alias, @Nullable RoomId room, @Nullable UserId creator, boolean reserved) {
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
                reserved));
  }
}
