package org.headrace.topology.machine;

import java.util.List;
import java.util.OptionalInt;
import org.headrace.core.id.RoomId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.RoomRecord;

/** What a topology must know of its commands: their bytes, their names and time, and which pad. */
public interface CommandType<C> {
  C decode(byte[] bytes);

  String id(C command);

  /** Milliseconds since 1970, by the clock of whoever published it. */
  long ts(C command);

  /** For a padding command the ordinal of its record, -1 for none; empty for all others. */
  OptionalInt padding(C command);

  /** What a padding command brings back into the store; empty for all others. */
  List<? extends LogRecord> logged(C command);

  /** The output that brings such a record into the log again. */
  Output again(LogRecord logged);

  /** A padding command; see the commands' {@code Pad}. */
  C pad(String id, long ts, int firstOrdinal, List<byte[]> logged);

  /** The key that padding commands have; of no room and no account. */
  String padKey();

  CommandType<RoomCommand> ROOM =
      new CommandType<>() {
        @Override
        public RoomCommand decode(byte[] bytes) {
          return LogJson.decode(bytes, RoomCommand.class);
        }

        @Override
        public String id(RoomCommand command) {
          return command.id();
        }

        @Override
        public long ts(RoomCommand command) {
          return command.ts();
        }

        @Override
        public OptionalInt padding(RoomCommand command) {
          return command instanceof RoomCommand.Pad pad
              ? OptionalInt.of(pad.firstOrdinal())
              : OptionalInt.empty();
        }

        @Override
        public List<RoomRecord> logged(RoomCommand command) {
          return command instanceof RoomCommand.Pad pad ? pad.logged() : List.of();
        }

        @Override
        public Output again(LogRecord logged) {
          return Output.log(Topic.ROOM_LOG, ((RoomRecord) logged).roomId().value(), logged);
        }

        @Override
        public RoomCommand pad(String id, long ts, int firstOrdinal, List<byte[]> logged) {
          List<RoomRecord> records =
              logged.stream().map(bytes -> LogJson.decode(bytes, RoomRecord.class)).toList();
          return new RoomCommand.Pad(id, ts, new RoomId(padKey()), firstOrdinal, records);
        }

        @Override
        public String padKey() {
          return "!pad";
        }
      };

  CommandType<AccountCommand> ACCOUNT =
      new CommandType<>() {
        @Override
        public AccountCommand decode(byte[] bytes) {
          return LogJson.decode(bytes, AccountCommand.class);
        }

        @Override
        public String id(AccountCommand command) {
          return command.id();
        }

        @Override
        public long ts(AccountCommand command) {
          return command.ts();
        }

        @Override
        public OptionalInt padding(AccountCommand command) {
          return command instanceof AccountCommand.Pad pad
              ? OptionalInt.of(pad.firstOrdinal())
              : OptionalInt.empty();
        }

        @Override
        public List<AccountRecord> logged(AccountCommand command) {
          return command instanceof AccountCommand.Pad pad ? pad.logged() : List.of();
        }

        @Override
        public Output again(LogRecord logged) {
          return Output.log(Topic.ACCOUNT_LOG, ((AccountRecord) logged).key(), logged);
        }

        @Override
        public AccountCommand pad(String id, long ts, int firstOrdinal, List<byte[]> logged) {
          List<AccountRecord> records =
              logged.stream().map(bytes -> LogJson.decode(bytes, AccountRecord.class)).toList();
          return new AccountCommand.Pad(id, ts, padKey(), firstOrdinal, records);
        }

        @Override
        public String padKey() {
          return "pad";
        }
      };
}
