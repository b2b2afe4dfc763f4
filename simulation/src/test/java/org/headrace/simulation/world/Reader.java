package org.headrace.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.RowChangeAt;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.LogRecord;
import org.headrace.simulation.world.FakeLog.Entry;

/**
 * Folds one partition of a log, and what lies beside it, into the views: takes exactly the next
 * position, skips repeats, stops at a gap. Forgets all but its checkpoint when it is restarted.
 */
final class Reader {
  private final Folds folds;
  private final int partition;
  private final FakeLog log;
  private final ViewWriter views;
  private final List<RowChangeAt> open = new ArrayList<>();
  private Position expected = Position.ofOffset(0);
  private int nextLog;
  private int nextBeside;

  Reader(Folds folds, int partition, FakeLog log, ViewWriter views) {
    this.folds = folds;
    this.partition = partition;
    this.log = log;
    this.views = views;
  }

  /** Goes on from what the views say. */
  void restart() {
    open.clear();
    Checkpoint reached = views.checkpoint(folds.log(), partition);
    nextLog = (int) reached.nextOffset();
    expected =
        reached.reached().equals(Position.NONE)
            ? Position.ofOffset(0)
            : Position.ofOffset(reached.reached().offset() + 1);
    nextBeside = (int) views.checkpoint(folds.beside(), partition).nextOffset();
  }

  /** Reads up to this many records of either topic. */
  void read(Random random, int limit) {
    for (int i = random.nextInt(limit + 1); i > 0; i--) {
      readLog();
    }
    for (int i = random.nextInt(limit + 1); i > 0; i--) {
      readBeside();
    }
  }

  void readAll() {
    while (readLog()) {}
    while (readBeside()) {}
  }

  private boolean readLog() {
    List<Entry> entries = log.of(folds.log(), partition);
    if (nextLog >= entries.size()) {
      return false;
    }
    LogRecord record = folds.decode(Objects.requireNonNull(entries.get(nextLog).value()));
    nextLog++;
    int order = record.position().compareTo(expected);
    if (order > 0) {
      throw new AssertionError(
          folds.log() + "-" + partition + " goes on at " + record.position() + ", not " + expected);
    }
    if (order < 0) {
      return true;
    }
    for (RowChange change : folds.log(record)) {
      open.add(new RowChangeAt(record.position(), change));
    }
    if (record.last()) {
      ViewBatch batch = new ViewBatch();
      batch.addAll(open);
      batch.reach(folds.log(), partition, new Checkpoint(record.position(), nextLog, 0));
      views.write(batch);
      open.clear();
      expected = Position.ofOffset(expected.offset() + 1);
    } else {
      expected = expected.withOrdinal(expected.ordinal() + 1);
    }
    return true;
  }

  private boolean readBeside() {
    List<Entry> entries = log.of(folds.beside(), partition);
    if (nextBeside >= entries.size()) {
      return false;
    }
    Entry entry = entries.get(nextBeside);
    nextBeside++;
    ViewBatch batch = new ViewBatch();
    batch.addAll(entry.position(), folds.beside(entry.key(), entry.value()));
    batch.reach(folds.beside(), partition, new Checkpoint(Position.NONE, nextBeside, 0));
    views.write(batch);
    return true;
  }

  /** The highest command offset of which the views have ever held all records; -1: none. */
  long shown() {
    Position reached = views.shown(folds.log(), partition).reached();
    return reached.equals(Position.NONE) ? -1 : reached.offset();
  }
}
