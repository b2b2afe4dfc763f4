package org.headrace.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How much may be under way at once, of all keys (users) together and of each alone. Safe for many
 * threads.
 */
public final class Places {
  private static final long RETRY_MILLIS = 2_000;

  private final int allMax;
  private final int ofOneMax;
  private final Map<String, Integer> taken = new HashMap<>();
  private int all;

  public Places(int allMax, int ofOneMax) {
    this.allMax = allMax;
    this.ofOneMax = ofOneMax;
  }

  /** A place that is held until it is closed, once. */
  public interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** A place; throws M_LIMIT_EXCEEDED (429) if none is free by the end of the wait. */
  public synchronized Place take(String key, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    while (all >= allMax || taken.getOrDefault(key, 0) >= ofOneMax) {
      long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (millis <= 0) {
        throw MatrixError.limitExceeded(RETRY_MILLIS);
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw MatrixError.limitExceeded(RETRY_MILLIS);
      }
    }
    all++;
    taken.merge(key, 1, Integer::sum);
    return () -> leave(key);
  }

  private synchronized void leave(String key) {
    all--;
    taken.computeIfPresent(key, (same, places) -> places == 1 ? null : places - 1);
    notifyAll();
  }
}
