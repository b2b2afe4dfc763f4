package org.headrace.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends so many messages, as fast as a number of users who wait for each answer can. */
final class Fill {
  private Fill() {}

  /** Returns how many were acknowledged. */
  static long run(Homeserver server, Population population, String run, long messages, int senders)
      throws InterruptedException {
    AtomicLong next = new AtomicLong();
    AtomicLong acknowledged = new AtomicLong();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int s = 0; s < senders; s++) {
        Session user = population.users().get(s % population.users().size());
        String room = population.roomIds().get(user.rooms().getFirst());
        pool.execute(() -> send(server, user, room, run, next, messages, acknowledged));
      }
      pool.shutdown();
      while (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
        System.err.printf("%d of %d%n", acknowledged.get(), messages);
      }
    }
    return acknowledged.get();
  }

  private static void send(
      Homeserver server,
      Session user,
      String room,
      String run,
      AtomicLong next,
      long messages,
      AtomicLong acknowledged) {
    for (long i = next.getAndIncrement(); i < messages; i = next.getAndIncrement()) {
      try {
        server.send(user, room, run + "-fill-" + i, "filling " + i);
        acknowledged.incrementAndGet();
      } catch (IOException e) {
        System.err.println("not sent: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
