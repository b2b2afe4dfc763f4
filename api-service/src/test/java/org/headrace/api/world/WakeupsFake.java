package org.headrace.api.world;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.headrace.core.id.UserId;
import org.headrace.log.ticks.Wakeups;

/** Wakes waiters by name, at once. */
public final class WakeupsFake implements Wakeups {
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

  /** Counts the calls of {@code await}, so that a test knows when a reader has begun to wait. */
  public final Semaphore waits = new Semaphore(0);

  @Override
  public Waiter register(UserId user, Set<String> rooms) {
    Set<String> names = new HashSet<>(rooms);
    names.add(user.value());
    Waiting waiter = new Waiting(Set.copyOf(names), new Semaphore(0));
    waiting.add(waiter);
    return waiter;
  }

  void wake(String name) {
    for (Waiting waiter : waiting) {
      if (waiter.names().contains(name)) {
        waiter.woken().release();
      }
    }
  }

  private final class Waiting implements Waiter {
    private final Set<String> names;
    private final Semaphore woken;

    Waiting(Set<String> names, Semaphore woken) {
      this.names = names;
      this.woken = woken;
    }

    Set<String> names() {
      return names;
    }

    Semaphore woken() {
      return woken;
    }

    @Override
    public boolean await(Duration timeout) {
      waits.release();
      try {
        boolean found = woken.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
        woken.drainPermits();
        return found;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public void close() {
      waiting.remove(this);
    }
  }
}
