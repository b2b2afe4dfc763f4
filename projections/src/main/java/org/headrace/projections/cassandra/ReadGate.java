package org.headrace.projections.cassandra;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.headrace.projections.view.ViewsUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Whether reading is worth the wait. A driver that knows no node up fails at once, but of one that
 * is silent it waits for an answer each time. So once a read has waited in vain, and no other was
 * answered since it began, reads fail at once, but for one at a time that tries. Who tries does not
 * wait for long; what was asked may still be answered later, which opens the gate as any answer
 * does. Safe for many threads.
 */
final class ReadGate {
  /** How long a read waits before its failure tells of silence, and how long one that tries. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** From one that tried in vain to the next. */
  static final Duration PAUSE = Duration.ofSeconds(1);

  private final LongSupplier nowNanos;
  private final Duration patience;
  private long answeredNanos;
  private boolean silent;
  private @Nullable Read trying;
  private long triedNanos;

  ReadGate(LongSupplier nowNanos) {
    this(nowNanos, PATIENCE);
  }

  /** {@code patience} of one that tries. */
  ReadGate(LongSupplier nowNanos, Duration patience) {
    this.nowNanos = nowNanos;
    this.patience = patience;
    answeredNanos = nowNanos.getAsLong();
  }

  /**
   * A read under way; to be told how it ended.
   *
   * @param tries whether it is the one that tries
   */
  record Read(long begunNanos, boolean tries) {}

  /**
   * What is read, if that is worth it.
   *
   * @throws ViewsUnavailableException if not, or if one that tries takes too long
   */
  <T> T read(Supplier<T> reader) {
    Read read = begin();
    return read.tries() ? tried(read, reader) : waitedFor(read, reader);
  }

  private <T> T waitedFor(Read read, Supplier<T> reader) {
    T found;
    try {
      found = reader.get();
    } catch (RuntimeException e) {
      failed(read);
      throw e;
    }
    answered(read);
    return found;
  }

  private <T> T tried(Read read, Supplier<T> reader) {
    FutureTask<T> answer = new FutureTask<>(() -> waitedFor(read, reader));
    Thread.ofVirtual().name("tries-to-read").start(answer);
    try {
      return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      failed(read);
      throw away();
    } catch (InterruptedException e) {
      failed(read);
      Thread.currentThread().interrupt();
      throw away();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  /** Begins a read; throws {@link ViewsUnavailableException} if it is not worth it. */
  synchronized Read begin() {
    long now = nowNanos.getAsLong();
    if (!silent) {
      return new Read(now, false);
    }
    if (trying != null || now - triedNanos < PAUSE.toNanos()) {
      throw away();
    }
    Read read = new Read(now, true);
    trying = read;
    return read;
  }

  private static ViewsUnavailableException away() {
    return new ViewsUnavailableException("Cassandra has not answered for a while", null);
  }

  synchronized void answered(Read read) {
    answeredNanos = nowNanos.getAsLong();
    silent = false;
    if (read.equals(trying)) {
      trying = null;
    }
  }

  /** May be told twice of one that tries: when it is not waited for any more, and in the end. */
  synchronized void failed(Read read) {
    long now = nowNanos.getAsLong();
    boolean unanswered = read.begunNanos() - answeredNanos >= 0;
    boolean inVain = now - read.begunNanos() >= PATIENCE.toNanos();
    if (read.equals(trying)) {
      silent = unanswered;
      triedNanos = now;
      trying = null;
    } else if (!read.tries() && unanswered && inVain && !silent) {
      silent = true;
      triedNanos = now;
    }
  }
}
