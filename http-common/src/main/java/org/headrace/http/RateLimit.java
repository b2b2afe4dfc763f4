package org.headrace.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A token bucket for each key (an address, a user): {@code burst} requests at once, then one per
 * {@code refill}. Keys beyond {@link #KEYS_MAX} push out the one longest unused. Safe for many
 * threads.
 */
public final class RateLimit {
  static final int KEYS_MAX = 10_000;

  private record Bucket(long tokens, long sinceMillis) {}

  private final int burst;
  private final long refillMillis;
  private final LongSupplier nowMillis;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > KEYS_MAX;
        }
      };

  public RateLimit(int burst, Duration refill, LongSupplier nowMillis) {
    this.burst = burst;
    this.refillMillis = refill.toMillis();
    this.nowMillis = nowMillis;
  }

  /** Takes one request's token; throws M_LIMIT_EXCEEDED (429) if there is none. */
  public void take(String key) {
    require(key);
    spend(key);
  }

  /** Takes one request's token; false if there is none. */
  public synchronized boolean tryTake(String key) {
    boolean has = refilled(key, nowMillis.getAsLong()).tokens() > 0;
    if (has) {
      spend(key);
    }
    return has;
  }

  /** Throws M_LIMIT_EXCEEDED (429) if the key has no token, and takes none. */
  public synchronized void require(String key) {
    long now = nowMillis.getAsLong();
    Bucket bucket = refilled(key, now);
    if (bucket.tokens() <= 0) {
      throw MatrixError.limitExceeded(Math.max(1, bucket.sinceMillis() + refillMillis - now));
    }
  }

  /** Takes a token, if there is one. */
  public synchronized void spend(String key) {
    long now = nowMillis.getAsLong();
    Bucket bucket = refilled(key, now);
    long since = bucket.tokens() == burst ? now : bucket.sinceMillis();
    buckets.put(key, new Bucket(Math.max(0, bucket.tokens() - 1), since));
  }

  private Bucket refilled(String key, long now) {
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      return new Bucket(burst, now);
    }
    long gained = Math.max(0, (now - bucket.sinceMillis()) / refillMillis);
    long tokens = Math.min(burst, bucket.tokens() + gained);
    return new Bucket(tokens, bucket.sinceMillis() + gained * refillMillis);
  }
}
