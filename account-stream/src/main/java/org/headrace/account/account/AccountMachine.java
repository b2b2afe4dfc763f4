package org.headrace.account.account;

import java.util.List;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.headrace.topology.machine.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is asked of accounts and aliases: the pure half of the account topology (design D1).
 * It keeps no state of its own and may be shared.
 *
 * <p>Its state is a fold of two topics: {@code account.log} through {@link #apply}, and {@code
 * account.items} through {@link #applyItem} and {@link #removeItem}. The log names the items of
 * each command and never holds their content, which is meant to vanish (design D8). Both folds
 * write different cells: the log in order, and then the items that compaction has left, in any
 * order, make the state that {@link #decide} had.
 *
 * <p>Commands that an account sends to itself or to rooms have the id {@code
 * account:<key>:<position>:<target>}, of the record behind them, so a repeat of the decision
 * repeats the id. Of those, an account remembers the newest and drops repeats; memberships are
 * dropped by the room's position, and a settled alias is not settled again.
 */
public final class AccountMachine implements StateMachine<AccountCommand, AccountRecord> {
  @Override
  public List<Output> decide(State state, AccountCommand command, Position at) {
    Cells cells = new Cells(state);
    Decision decision = new Decision(state, command.key(), command.id(), at);
    if (command.id().startsWith(AccountFold.CROSSING)
        && cells.crossed(command.key()).contains(command.id())) {
      return decision.done();
    }
    Sessions sessions = new Sessions(cells, decision);
    UserSettings settings = new UserSettings(cells, decision);
    Aliases aliases = new Aliases(cells, decision);
    return switch (command) {
      case AccountCommand.Register c -> sessions.register(c);
      case AccountCommand.CreateSession c -> sessions.create(c);
      case AccountCommand.EndSessions c -> sessions.end(c);
      case AccountCommand.RenameDevice c -> sessions.rename(c);
      case AccountCommand.SetProfileField c -> settings.setProfileField(c);
      case AccountCommand.SetAccountData c -> settings.setAccountData(c);
      case AccountCommand.AddFilter c -> settings.addFilter(c);
      case AccountCommand.UploadKeys c -> new KeyUpload(cells, decision, c).decide();
      case AccountCommand.ClaimKeys c -> new KeyClaim(cells, decision, c).decide();
      case AccountCommand.SendToDevice c -> new ToDevices(cells, decision).send(c);
      case AccountCommand.AcknowledgeToDevice c -> new ToDevices(cells, decision).acknowledge(c);
      case AccountCommand.NoteMembership c -> new Echoes(cells, decision).noteMembership(c);
      case AccountCommand.ContinueEcho c -> new Echoes(cells, decision).goOn(c);
      case AccountCommand.SetAlias c -> aliases.set(c);
      case AccountCommand.DeleteAlias c -> aliases.delete(c);
      case AccountCommand.MoveAlias c -> aliases.move(c);
      case AccountCommand.CreateRoomWithAlias c -> aliases.createRoom(c);
      case AccountCommand.SettleAlias c -> aliases.settle(c);
      case AccountCommand.ListRoom c -> aliases.list(c);
      case AccountCommand.ReserveMedia c -> new Media(cells, decision).reserve(c);
      case AccountCommand.StoreMedia c -> new Media(cells, decision).store(c);
      case AccountCommand.UploadSigningKeys c -> new CrossSigning(cells, decision).keys(c);
      case AccountCommand.UploadSignatures c -> new CrossSigning(cells, decision).signatures(c);
      case AccountCommand.Pad c -> decision.done();
    };
  }

  @Override
  public List<Output> refuse(
      String key, @Nullable AccountCommand command, Position at, Failure failure, String message) {
    String commandId = command == null ? "" : command.id();
    Outcome outcome = new Outcome.Failed(failure, message);
    return List.of(
        Output.log(
            Topic.ACCOUNT_LOG,
            key,
            new AccountRecord.CommandSettled(at, key, commandId, true, outcome)),
        Output.of(Topic.ACCOUNT_TICKS, key, new Tick.Decided(key, commandId, at, outcome)));
  }

  @Override
  public void apply(State state, AccountRecord record) {
    AccountFold.apply(state, record);
  }

  @Override
  public void applyBeside(State state, String key, byte @Nullable [] value) {
    if (value == null) {
      removeItem(state, key);
    } else {
      applyItem(state, LogJson.decode(value, AccountItem.class));
    }
  }

  /** Folds a value of {@code account.items}. */
  public void applyItem(State state, AccountItem item) {
    AccountFold.applyItem(state, item);
  }

  /** Folds a tombstone of {@code account.items}, given its record key. */
  public void removeItem(State state, String recordKey) {
    int end = recordKey.indexOf('|');
    AccountFold.removeItem(
        state, new UserId(recordKey.substring(0, end)), recordKey.substring(end + 1));
  }
}
