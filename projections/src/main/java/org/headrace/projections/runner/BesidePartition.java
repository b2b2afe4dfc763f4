package org.headrace.projections.runner;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.schema.log.Position;

/**
 * One partition of {@code room.bodies} or {@code account.items}: what came of commands that the log
 * has not shown yet. Rows of these are written at once, but a restart reads on from the first of
 * them, so that it knows again what has come.
 */
final class BesidePartition {
  /** A record, and the checkpoint behind it. */
  private record Arrival(String key, Position command, long nextOffset, int checksum) {}

  private final Deque<Arrival> ahead = new ArrayDeque<>();
  private final Map<String, Position> newest = new HashMap<>();
  private Checkpoint checkpoint;

  BesidePartition(Checkpoint resumed) {
    checkpoint = resumed;
  }

  /**
   * A record has come.
   *
   * @param own the record's own position: one of several items of its command has an ordinal
   */
  void met(String recordKey, Position command, Position own, long offset, int checksum) {
    ahead.add(new Arrival(recordKey, command, offset + 1, checksum));
    newest.put(recordKey, command);
    if (own.isAfter(checkpoint.reached())) {
      checkpoint = new Checkpoint(own, checkpoint.nextOffset(), checkpoint.lastChecksum());
    }
  }

  /** Whether what this command, or a later one, made of the key has come. */
  boolean has(String recordKey, Position command) {
    Position position = newest.get(recordKey);
    return position != null && position.offset() >= command.offset();
  }

  /** Whether something of a later command has come. */
  boolean isPast(Position command) {
    return !reached().equals(Position.NONE) && reached().offset() > command.offset();
  }

  /** The newest position of which something has come. */
  Position reached() {
    return checkpoint.reached();
  }

  int aheadCount() {
    return ahead.size();
  }

  /** Where to read on from, now that the log is shown up to here. */
  Checkpoint pass(Position shown) {
    while (!ahead.isEmpty()
        && !shown.equals(Position.NONE)
        && ahead.getFirst().command().offset() <= shown.offset()) {
      Arrival passed = ahead.removeFirst();
      newest.remove(passed.key(), passed.command());
      checkpoint = new Checkpoint(checkpoint.reached(), passed.nextOffset(), passed.checksum());
    }
    return checkpoint;
  }
}
