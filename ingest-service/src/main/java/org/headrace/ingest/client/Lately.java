package org.headrace.ingest.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.headrace.projections.view.ViewsUnavailableException;

/**
 * What this process lately read of the views, or was told by the log in answer to a command: it
 * stands in for them while they are away, and only then (ADR 7). Safe for many threads.
 */
public final class Lately<K, V> {
  private static final int KEPT_MAX = 100_000;

  /** Nobody tells when it stops being true, so it must be young. */
  static final Duration AGE_MAX = Duration.ofHours(1);

  private record Kept<V>(V value, long nanos) {}

  private final int max;
  private final LongSupplier nowNanos;

  /** What was used last is last. */
  private final SequencedMap<K, Kept<V>> kept = new LinkedHashMap<>(16, 0.75f, true);

  public Lately() {
    this(KEPT_MAX, System::nanoTime);
  }

  Lately(int max, LongSupplier nowNanos) {
    this.max = max;
    this.nowNanos = nowNanos;
  }

  /**
   * What the view says; while it is away, what was known lately.
   *
   * @throws ViewsUnavailableException it is away, and nothing was
   */
  public V read(K key, Supplier<V> view) {
    V value;
    try {
      value = view.get();
    } catch (ViewsUnavailableException e) {
      return known(key, e);
    }
    put(key, value);
    return value;
  }

  private synchronized V known(K key, ViewsUnavailableException away) {
    Kept<V> found = kept.get(key);
    if (found == null || nowNanos.getAsLong() - found.nanos() > AGE_MAX.toNanos()) {
      throw away;
    }
    return found.value();
  }

  /** The log has said so. */
  public synchronized void put(K key, V value) {
    kept.put(key, new Kept<>(value, nowNanos.getAsLong()));
    if (kept.size() > max) {
      kept.pollFirstEntry();
    }
  }
}
