package org.headrace.schema.record;

import org.headrace.schema.log.Position;

/** What every record of {@code room.log} and {@code account.log} says of itself. */
public interface LogRecord {
  Position position();

  /** The id of the command that it was decided from. */
  String commandId();

  /** Whether it is the last record of its command. */
  boolean last();
}
