package org.headrace.federation.keys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import org.headrace.core.id.ServerName;

/**
 * When a server may be asked for its keys again: not at once, and later the more often it fails.
 */
final class KeyAttempts {
  /** Between two answers: whoever names unknown keys makes us ask no more often. */
  static final Duration AFTER_ANSWER = Duration.ofMinutes(1);

  static final Duration AFTER_FAILURE_MIN = Duration.ofSeconds(10);

  /** Short, since a server that comes back is not believed before. */
  static final Duration AFTER_FAILURE_MAX = Duration.ofMinutes(5);

  private static final int SERVERS_MAX = 20_000;
  private static final int DOUBLINGS_MAX = 10;

  private final InstantSource clock;
  private final Cache<ServerName, Attempt> attempts =
      Caffeine.newBuilder().maximumSize(SERVERS_MAX).executor(Runnable::run).build();

  private record Attempt(int failures, long notBeforeMillis) {}

  KeyAttempts(InstantSource clock) {
    this.clock = clock;
  }

  boolean mayAsk(ServerName server) {
    Attempt attempt = attempts.getIfPresent(server);
    return attempt == null || clock.millis() >= attempt.notBeforeMillis();
  }

  void answered(ServerName server) {
    attempts.put(server, new Attempt(0, clock.millis() + AFTER_ANSWER.toMillis()));
  }

  void failed(ServerName server) {
    Attempt before = attempts.getIfPresent(server);
    int failures = before == null ? 0 : before.failures();
    long waitMillis =
        Math.min(
            AFTER_FAILURE_MIN.toMillis() << Math.min(failures, DOUBLINGS_MAX),
            AFTER_FAILURE_MAX.toMillis());
    attempts.put(server, new Attempt(failures + 1, clock.millis() + waitMillis));
  }
}
