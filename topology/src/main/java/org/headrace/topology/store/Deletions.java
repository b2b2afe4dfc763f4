package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.headrace.schema.log.Position;
import org.headrace.topology.store.KeyValues.Write;

/**
 * The queue of deleted cells, oldest first. A deletion is a version like others, so that commands
 * before it still see the cell; when none of them will come any more, the cell goes altogether.
 *
 * <p>Each collection is bounded, and does at least as much as its command adds.
 */
final class Deletions {
  /** Cells that one command drops besides twice as many as it deletes itself. */
  static final int DROPS_PER_WRITE = 8;

  /** Versions that one cell loses at once; more of it goes with the next command. */
  static final int VERSIONS_PER_DROP_MAX = 64;

  private final KeyValues keyValues;

  /** Nothing in the queue is before it. */
  private byte[] from = StoreKeys.deletionsFrom(0);

  /** Nothing in the queue is older, in command time. */
  private long oldestTs = Long.MIN_VALUE;

  Deletions(KeyValues keyValues) {
    this.keyValues = keyValues;
  }

  void add(String cell, Position at, long ts, List<Write> batch) {
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(ts).array();
    batch.add(new Write(StoreKeys.deletion(cell, at.packed()), value));
    oldestTs = Math.min(oldestTs, ts);
  }

  /** More may be dropped than before. */
  void look() {
    oldestTs = Long.MIN_VALUE;
  }

  /**
   * Drops cells that were deleted before the bound and not after the time; returns the position of
   * the last of these deletions, or NONE.
   */
  Position collect(Position bound, long untilTs, int dropsMax, List<Write> batch) {
    Position last = Position.NONE;
    if (oldestTs > untilTs || bound.packed() <= 0) {
      return last;
    }
    try (var cursor = keyValues.ascending(from, StoreKeys.deletionsFrom(bound.packed()))) {
      int drops = 0;
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        oldestTs = ByteBuffer.wrap(next.value()).getLong();
        if (oldestTs > untilTs || drops++ == dropsMax) {
          return last;
        }
        last = new Position(StoreKeys.deletedAt(next.key()));
        if (!drop(StoreKeys.deletedCell(next.key()), last.packed(), batch)) {
          return last;
        }
        batch.add(new Write(next.key(), null));
        from = next.key();
      }
    }
    oldestTs = Long.MAX_VALUE;
    return last;
  }

  /** Drops what a deletion ended, oldest first and itself last; false if there is more of it. */
  private boolean drop(String cell, long deletedAt, List<Write> batch) {
    byte[] oldest = StoreKeys.version(cell, 0);
    byte[] deletion = StoreKeys.version(cell, deletedAt);
    byte[] found = keyValues.get(deletion);
    if (found == null || Version.decode(deletion, found).value() != null) {
      return true;
    }
    List<byte[]> doomed = new ArrayList<>();
    try (var cursor = keyValues.ascending(oldest, deletion)) {
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        if (doomed.size() == VERSIONS_PER_DROP_MAX) {
          doomed.forEach(key -> batch.add(new Write(key, null)));
          return false;
        }
        doomed.add(next.key());
      }
    }
    doomed.forEach(key -> batch.add(new Write(key, null)));
    return true;
  }
}
