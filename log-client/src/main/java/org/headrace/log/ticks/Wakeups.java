package org.headrace.log.ticks;

import java.time.Duration;
import java.util.Set;
import org.headrace.core.id.UserId;

/**
 * Wakes long polls by ticks (design D4). Register first, read the views, then wait: nothing is
 * missed.
 */
public interface Wakeups {
  /** {@code rooms}: room ids as strings, all in which the user is joined. */
  Waiter register(UserId user, Set<String> rooms);

  /** Whether this process is about to stop, so that nobody should wait any longer. */
  default boolean isDraining() {
    return false;
  }

  /** One long poll's interest; not for use by two threads. */
  interface Waiter extends AutoCloseable {
    /**
     * Waits until something that concerns the user or the rooms became visible since registration
     * or the last call, or the timeout passed. Returns whether something did.
     */
    boolean await(Duration timeout);

    @Override
    void close();
  }
}
