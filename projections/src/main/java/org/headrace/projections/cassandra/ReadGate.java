package org.headrace.projections.cassandra;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.headrace.projections.view.ViewsUnavailableException;

/**
 * Whether reading is worth the wait. A driver that knows no node up fails at once, but of one that
 * is silent it waits for an answer each time. So once a read has waited in vain, and no other was
 * answered since it began, reads fail at once, but for one at a time that tries, and not for long.
 * Safe for many threads.
 */
final class ReadGate {
  /** How long a read waits before its failure tells of silence, and how long one that tries. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** From one that tried in vain to the next. */
  static final Duration PAUSE = Duration.ofSeconds(1);

  private final LongSupplier nowNanos;
  private long answeredNanos;
  private boolean silent;
  private boolean trying;
  private long triedNanos;

  ReadGate(LongSupplier nowNanos) {
    this.nowNanos = nowNanos;
    answeredNanos = nowNanos.getAsLong();
  }

  /**
   * A read under way; to be told once how it ended.
   *
   * @param tries whether it is the one that tries
   */
  record Read(long begunNanos, boolean tries) {}

  /** Begins a read; throws {@link ViewsUnavailableException} if it is not worth it. */
  synchronized Read begin() {
    long now = nowNanos.getAsLong();
    if (!silent) {
      return new Read(now, false);
    }
    if (trying || now - triedNanos < PAUSE.toNanos()) {
      throw new ViewsUnavailableException("Cassandra has not answered for a while", null);
    }
    trying = true;
    return new Read(now, true);
  }

  synchronized void answered(Read read) {
    answeredNanos = nowNanos.getAsLong();
    silent = false;
    ended(read);
  }

  synchronized void failed(Read read) {
    long now = nowNanos.getAsLong();
    boolean inVain =
        now - read.begunNanos() >= PATIENCE.toNanos() && read.begunNanos() - answeredNanos >= 0;
    if (read.tries() || (inVain && !silent)) {
      silent = true;
      triedNanos = now;
    }
    ended(read);
  }

  private void ended(Read read) {
    trying &= !read.tries();
  }
}
