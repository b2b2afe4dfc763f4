package org.headrace.projections.runner;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.headrace.core.id.UserId;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.RowChangeAt;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Succession;
import org.jspecify.annotations.Nullable;

/**
 * One partition of {@code room.log} or {@code account.log} on its way into the views: takes exactly
 * the next record (positions are dense, so loss is seen; design D2), gathers commands, and holds
 * them until what lies beside the log is in too. Pure but for its own state; one thread.
 */
final class LogPartition {
  /**
   * A record with what it means.
   *
   * @param awaited keys beside the log that must be in before it can be shown
   * @param ts its command's time, milliseconds since 1970
   */
  record Incoming(
      Position position,
      boolean last,
      String key,
      String commandId,
      List<RowChange> rows,
      SortedSet<UserId> concerned,
      List<String> awaited,
      long ts) {}

  /** A whole command. {@code checkpoint} is where the partition is once its rows are written. */
  static final class Command {
    final String key;
    final String id;
    final long ts;
    final List<RowChangeAt> rows = new ArrayList<>();
    final SortedSet<UserId> concerned = new TreeSet<>();
    final List<String> awaited = new ArrayList<>();
    Checkpoint checkpoint = Checkpoint.START;

    /** The end of the topic beside the log, looked up after the command was read. */
    @Nullable Long besideEnd;

    private Command(Incoming first) {
      key = first.key();
      id = first.commandId();
      ts = first.ts();
    }

    Position position() {
      return checkpoint.reached();
    }
  }

  private final Deque<Command> waiting = new ArrayDeque<>();
  private @Nullable Command open;
  private final Succession succession;
  private Position alarmed = Position.NONE;

  LogPartition(Position reached) {
    succession = new Succession(reached);
  }

  /** {@code offset}, {@code checksum}: of the record in its own topic. */
  Succession.Met accept(Incoming record, long offset, int checksum) {
    Succession.Met met = succession.accept(record.position(), record.last());
    if (met != Succession.Met.NEXT) {
      return met;
    }
    Command command = open;
    if (command == null) {
      command = new Command(record);
      open = command;
    }
    for (RowChange row : record.rows()) {
      command.rows.add(new RowChangeAt(record.position(), row));
    }
    command.concerned.addAll(record.concerned());
    command.awaited.addAll(record.awaited());
    if (record.last()) {
      command.checkpoint = new Checkpoint(record.position(), offset + 1, checksum);
      waiting.add(command);
      open = null;
    }
    return met;
  }

  /** Whether this gap was not told of yet. */
  boolean isNewGap() {
    boolean isNew = !alarmed.equals(expected());
    alarmed = expected();
    return isNew;
  }

  Position expected() {
    return succession.expected();
  }

  /** Takes the commands from the oldest on until one for which something has not come. */
  List<Command> complete(Predicate<Command> hasCome) {
    List<Command> complete = new ArrayList<>();
    while (!waiting.isEmpty() && hasCome.test(waiting.getFirst())) {
      complete.add(waiting.removeFirst());
    }
    return complete;
  }

  Iterable<Command> waiting() {
    return waiting;
  }

  int waitingCount() {
    return waiting.size();
  }
}
