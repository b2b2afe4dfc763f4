package org.headrace.topology.machine;

import java.util.OptionalInt;
import org.headrace.core.id.RoomId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;

/** What a topology must know of its commands: their bytes, their names and time, and which pad. */
public interface CommandType<C> {
  C decode(byte[] bytes);

  String id(C command);

  /** Milliseconds since 1970, by the clock of whoever published it. */
  long ts(C command);

  /** For a padding command the ordinal of its record, -1 for none; empty for all others. */
  OptionalInt padding(C command);

  /** A padding command; see the commands' {@code Pad}. */
  C pad(String id, long ts, int firstOrdinal);

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
        public RoomCommand pad(String id, long ts, int firstOrdinal) {
          return new RoomCommand.Pad(id, ts, new RoomId(padKey()), firstOrdinal);
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
        public AccountCommand pad(String id, long ts, int firstOrdinal) {
          return new AccountCommand.Pad(id, ts, padKey(), firstOrdinal);
        }

        @Override
        public String padKey() {
          return "@pad";
        }
      };
}
