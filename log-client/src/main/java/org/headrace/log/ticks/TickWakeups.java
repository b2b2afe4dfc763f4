package org.headrace.log.ticks;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.headrace.core.id.UserId;
import org.headrace.schema.tick.Tick;

/** Wakes who waits for a room or a user when a tick names it. Safe for use by many threads. */
public final class TickWakeups implements Wakeups {
  /** Those who wait, by room id or user id. */
  private final Map<String, Set<TickWaiter>> waiters = new ConcurrentHashMap<>();

  private volatile boolean draining;

  @Override
  public boolean isDraining() {
    return draining;
  }

  /** Wakes all who wait, and who comes yet, since this process is about to stop. */
  public void drain() {
    draining = true;
    waiters.values().forEach(set -> set.forEach(TickWaiter::wake));
  }

  @Override
  public Waiter register(UserId user, Set<String> rooms) {
    TickWaiter waiter = new TickWaiter(user.value(), Set.copyOf(rooms));
    waiter.add(user.value());
    rooms.forEach(waiter::add);
    return waiter;
  }

  public void accept(Tick tick) {
    switch (tick) {
      case Tick.Visible visible -> {
        wake(visible.key());
        visible.users().forEach(user -> wake(user.value()));
      }
      case Tick.Ephemeral ephemeral -> wake(ephemeral.key());
      case Tick.Decided decided -> {}
    }
  }

  /** Whether anybody waits for anything. */
  public boolean isAwaited() {
    return !waiters.isEmpty();
  }

  /** Wakes who waits for this room or user. */
  public void wake(String key) {
    for (TickWaiter waiter : waiters.getOrDefault(key, Set.of())) {
      waiter.wake();
    }
  }

  private final class TickWaiter implements Waiter {
    private final Semaphore woken = new Semaphore(0);
    private final String user;
    private final Set<String> rooms;

    TickWaiter(String user, Set<String> rooms) {
      this.user = user;
      this.rooms = rooms;
    }

    void add(String key) {
      waiters.compute(
          key,
          (k, present) -> {
            Set<TickWaiter> set = present == null ? ConcurrentHashMap.newKeySet() : present;
            set.add(this);
            return set;
          });
    }

    private void remove(String key) {
      waiters.computeIfPresent(
          key,
          (k, present) -> {
            present.remove(this);
            return present.isEmpty() ? null : present;
          });
    }

    void wake() {
      woken.release();
    }

    @Override
    public boolean await(Duration timeout) {
      if (draining) {
        return false;
      }
      try {
        boolean was = woken.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
        woken.drainPermits();
        return was;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public void close() {
      remove(user);
      rooms.forEach(this::remove);
    }
  }
}
