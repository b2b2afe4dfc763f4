package org.headrace.standalone.app;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.headrace.core.id.UserId;
import org.headrace.log.ticks.TickWakeups;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.tick.Tick;

/**
 * Of a tick that tells of a user's presence, wakes those who share a room: a tick of the user alone
 * wakes only the user. Views are asked beside the thread that reads ticks, which must not block. A
 * wake-up that is lost costs seconds: who waits looks again at the end.
 */
final class PresenceWakeups {
  /** Users whose rooms are still to be woken; of more, nobody is. */
  private static final int WAITING_MAX = 10_000;

  private final TickWakeups wakeups;
  private final Supplier<RoomsView> rooms;
  private final Set<UserId> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean running = new AtomicBoolean();

  PresenceWakeups(TickWakeups wakeups, Supplier<RoomsView> rooms) {
    this.wakeups = wakeups;
    this.rooms = rooms;
  }

  void accept(Tick tick) {
    if (tick instanceof Tick.Ephemeral(String key)
        && key.startsWith("@")
        && wakeups.isAwaited()
        && waiting.size() < WAITING_MAX
        && waiting.add(new UserId(key))
        && running.compareAndSet(false, true)) {
      Thread unused = Thread.ofVirtual().name("presence-wakeups").start(this::run);
    }
  }

  private void run() {
    do {
      try {
        wakeAll();
      } finally {
        running.set(false);
      }
    } while (!waiting.isEmpty() && running.compareAndSet(false, true));
  }

  private void wakeAll() {
    for (UserId user : waiting) {
      waiting.remove(user);
      try {
        for (RoomsView.Membership row : rooms.get().roomsOf(user)) {
          if (row.membership().equals("join")) {
            wakeups.wake(row.roomId().value());
          }
        }
      } catch (ViewsUnavailableException e) {
        // Neither can who waits be answered.
      }
    }
  }
}
