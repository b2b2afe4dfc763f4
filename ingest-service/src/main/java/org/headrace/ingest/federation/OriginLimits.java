package org.headrace.ingest.federation;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import org.headrace.core.id.ServerName;
import org.headrace.http.MatrixError;

/**
 * How much of this server one other server may occupy at once, so that the others are served: a
 * request over the limit is told to come again. Safe for many threads.
 */
@ApplicationScoped
public class OriginLimits {
  /** Transactions of one origin that are worked on at once; the specification asks for one. */
  static final int TRANSACTIONS_PER_ORIGIN_MAX = 4;

  /** Transactions of all origins that are worked on at once. */
  static final int TRANSACTIONS_MAX = 256;

  private static final long RETRY_MILLIS = 1_000;

  private final Map<ServerName, Integer> running = new HashMap<>();
  private int all;

  /** A place that is held until it is closed. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** Throws M_LIMIT_EXCEEDED (429) if the origin, or all together, have too many. */
  synchronized Place enter(ServerName origin) {
    int ofOrigin = running.getOrDefault(origin, 0);
    if (ofOrigin >= TRANSACTIONS_PER_ORIGIN_MAX || all >= TRANSACTIONS_MAX) {
      throw MatrixError.limitExceeded(RETRY_MILLIS);
    }
    running.put(origin, ofOrigin + 1);
    all++;
    return () -> leave(origin);
  }

  private synchronized void leave(ServerName origin) {
    all--;
    running.computeIfPresent(origin, (name, count) -> count == 1 ? null : count - 1);
  }
}
