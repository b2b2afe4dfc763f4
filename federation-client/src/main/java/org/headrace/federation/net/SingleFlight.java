package org.headrace.federation.net;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Does the same piece of work once at a time. It runs on a virtual thread of its own, so it goes on
 * when those who wait for it give up.
 */
public final class SingleFlight<K, V> {
  private final ConcurrentHashMap<K, CompletableFuture<V>> running = new ConcurrentHashMap<>();

  /** What the work gave, or nothing if the deadline passed or the work failed unexpectedly. */
  public Optional<V> await(K key, Supplier<V> work, Deadline deadline) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> flight = running.putIfAbsent(key, mine);
    if (flight == null) {
      flight = mine;
      Thread.startVirtualThread(() -> run(key, work, mine));
    }
    try {
      return Optional.of(flight.get(deadline.remainingMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }

  private void run(K key, Supplier<V> work, CompletableFuture<V> flight) {
    try {
      V value = work.get();
      // Before it is answered: who asks after that begins anew.
      running.remove(key, flight);
      flight.complete(value);
    } catch (RuntimeException | Error e) {
      running.remove(key, flight);
      flight.completeExceptionally(e);
    }
  }
}
