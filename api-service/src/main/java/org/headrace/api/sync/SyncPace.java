package org.headrace.api.sync;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.headrace.http.RateLimit;
import org.headrace.projections.view.AccountsView;

/**
 * How often views are read for one session that waits for news: {@link #AT_ONCE} times, then once
 * per {@link #REFILL}. What comes in between is told together, so that who is in many busy rooms
 * (or in one that is flooded) costs a bounded part of a core.
 */
@Singleton
public class SyncPace {
  static final int AT_ONCE = 20;
  static final Duration REFILL = Duration.ofMillis(25);

  private final RateLimit reads;

  @Inject
  public SyncPace(Clock clock) {
    reads = new RateLimit(AT_ONCE, REFILL, clock::millis);
  }

  /** Returns when the session's views may be read: at once, or after {@link #REFILL}. */
  void await(AccountsView.Session session) {
    String key = session.user().value() + " " + session.device().value();
    if (!reads.tryTake(key)) {
      pause(REFILL);
      reads.spend(key);
    }
  }

  void pause(Duration length) {
    LockSupport.parkNanos(length.toNanos());
  }
}
