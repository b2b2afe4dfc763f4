package org.headrace.log.effects;

import java.util.TreeSet;

/**
 * How far a partition's records are done, though they are done in any order: what may be committed
 * is the first that is not. Safe for many threads.
 */
final class DoneOffsets {
  private final TreeSet<Long> open = new TreeSet<>();
  private long next;

  DoneOffsets(long next) {
    this.next = next;
  }

  synchronized void begin(long offset) {
    open.add(offset);
    next = Math.max(next, offset + 1);
  }

  synchronized void done(long offset) {
    open.remove(offset);
  }

  /** The offset to go on from after a restart. */
  synchronized long committable() {
    return open.isEmpty() ? next : open.first();
  }
}
