package org.headrace.account.account;

import java.util.List;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.topology.machine.CommandType;
import org.headrace.topology.processor.MachineDefinition;

/** The account's topology: its input, its outputs and its machine. */
public final class AccountTopology {
  private AccountTopology() {}

  public static MachineDefinition<AccountCommand, AccountRecord> definition() {
    return new MachineDefinition<>(
        "account-stream",
        Topic.Family.ACCOUNT,
        Topic.ACCOUNT_COMMANDS,
        Topic.ACCOUNT_LOG,
        Topic.ACCOUNT_ITEMS,
        AccountRecord.class,
        record ->
            record instanceof AccountRecord.ItemsChanged changed && !changed.itemKeys().isEmpty(),
        List.of(
            Topic.ACCOUNT_LOG,
            Topic.ACCOUNT_ITEMS,
            Topic.ROOM_COMMANDS,
            Topic.ACCOUNT_COMMANDS,
            Topic.ACCOUNT_TICKS),
        CommandType.ACCOUNT,
        AccountMachine::new);
  }
}
