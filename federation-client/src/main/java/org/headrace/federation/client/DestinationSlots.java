package org.headrace.federation.client;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.headrace.core.id.ServerName;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;

/** Lets a few calls at a time through to each destination; keeps nothing of idle ones. */
final class DestinationSlots {
  private final int callsMax;
  private final ConcurrentHashMap<ServerName, Calls> calls = new ConcurrentHashMap<>();

  DestinationSlots(int callsMax) {
    this.callsMax = callsMax;
  }

  /** A call's place, given back when closed. */
  interface Slot extends AutoCloseable {
    @Override
    void close();
  }

  private record Calls(Semaphore places, int users) {
    Calls plus(int more) {
      return new Calls(places, users + more);
    }
  }

  Slot take(ServerName destination, Deadline deadline) throws FederationException {
    Calls mine =
        calls.compute(
            destination,
            (name, present) ->
                present == null ? new Calls(new Semaphore(callsMax, true), 1) : present.plus(1));
    boolean taken = false;
    try {
      taken = mine.places().tryAcquire(deadline.remainingMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FederationException(Reason.UNREACHABLE, "the request was given up");
    } finally {
      if (!taken) {
        leave(destination);
      }
    }
    if (!taken) {
      throw new FederationException(Reason.TIMEOUT, "too many requests to this server");
    }
    return () -> {
      mine.places().release();
      leave(destination);
    };
  }

  private void leave(ServerName destination) {
    calls.computeIfPresent(
        destination, (name, present) -> present.users() == 1 ? null : present.plus(-1));
  }
}
