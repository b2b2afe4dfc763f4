package org.headrace.topology.store;

import org.headrace.schema.log.Position;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.machine.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * Makes a partition's store anew from its log, as it was before a command (design D2): first all
 * records of the log, then all from beside it, then {@link #finish}. One thread.
 */
public final class StoreRebuild<R extends LogRecord> {
  /** Records from beside the log that are written at once. */
  private static final int BESIDE_PER_WRITE = 500;

  private final StateMachine<?, R> machine;
  private final VersionedStore store;
  private final long before;
  private Position expected = Position.ofOffset(0);
  private @Nullable Overlay open;
  private int besideOpen;
  private long lastTs;

  /**
   * @param keyValues empty
   * @param before the offset of the first command that will be decided over the store
   */
  public StoreRebuild(StateMachine<?, R> machine, KeyValues keyValues, long before) {
    this.machine = machine;
    this.before = before;
    // Nobody will look at what lies before, so only the newest versions are kept.
    store = new VersionedStore(keyValues, 0);
    if (before > 0) {
      store.committedBefore(Position.ofOffset(before));
    }
  }

  /**
   * The next record of the log; repeats are passed over.
   *
   * @param ts its command's
   */
  public void log(R record, long ts) {
    int order = record.position().compareTo(expected);
    if (order < 0 || record.position().offset() >= before) {
      return;
    }
    if (order > 0) {
      throw new IllegalStateException(
          "the log goes on at " + record.position() + ", not at " + expected);
    }
    if (open == null) {
      open = store.at(record.position());
    }
    machine.apply(open, record);
    lastTs = ts;
    if (record.last()) {
      store.write(open, open.at(), ts, -1);
      open = null;
      expected = Position.ofOffset(expected.offset() + 1);
    } else {
      expected = expected.withOrdinal(expected.ordinal() + 1);
    }
  }

  /**
   * The next record from beside the log.
   *
   * @param at the position that it was sent with
   */
  public void beside(String key, byte @Nullable [] value, Position at) {
    if (at.offset() >= before) {
      return;
    }
    requireWholeLog();
    if (open == null) {
      open = store.at(Position.ofOffset(before));
    }
    machine.applyBeside(open, key, value);
    if (++besideOpen == BESIDE_PER_WRITE) {
      writeBeside();
    }
  }

  /** The store is what it was before the command. */
  public void finish() {
    requireWholeLog();
    writeBeside();
  }

  private void requireWholeLog() {
    if (expected.offset() != before) {
      throw new IllegalStateException("the log ends before " + expected + ", not " + before);
    }
  }

  private void writeBeside() {
    if (before > 0) {
      Overlay overlay = open == null ? store.at(Position.ofOffset(before)) : open;
      store.write(overlay, Position.ofOffset(before - 1), lastTs, -1);
    }
    open = null;
    besideOpen = 0;
  }
}
