package org.headrace.ingest.client;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for views to show what was decided. */
public final class ViewWait {
  private static final Duration CHECK = Duration.ofMillis(5);
  private static final Duration CHECK_MAX = Duration.ofMillis(200);

  private ViewWait() {}

  /** Whether the condition came true within the wait; it is asked less and less often. */
  public static boolean until(BooleanSupplier condition, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    Duration pause = CHECK;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      if (!pause(pause)) {
        return false;
      }
      pause = pause.multipliedBy(2).compareTo(CHECK_MAX) < 0 ? pause.multipliedBy(2) : CHECK_MAX;
    }
    return true;
  }

  /** Rests; false if interrupted. */
  public static boolean pause(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
