package org.headrace.benchmarks.load;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends so many events, as fast as a number of users who wait for each answer can. */
final class Fill {
  private static final int RECEIPT_EVERY = 5;

  /** Sends the event of a number as a user to one of their rooms. */
  @FunctionalInterface
  interface Sender {
    void send(Session user, int room, String run, long number)
        throws IOException, InterruptedException;
  }

  private Fill() {}

  /** Messages that are all alike, each user's to one room. */
  static Sender messages(Homeserver server, Population population) {
    return (user, room, run, number) -> {
      String first = population.roomIds().get(user.rooms().getFirst());
      server.send(user, first, run + "-fill-" + number, "filling " + number);
    };
  }

  /** A conversation, with a read receipt of another member after every fifth event. */
  static Sender conversation(Homeserver server, Population population, long seed) {
    Conversation conversation = new Conversation(seed);
    Map<Integer, String> newest = new ConcurrentHashMap<>();
    List<Session> users = population.users();
    return (user, room, run, number) -> {
      String roomId = population.roomIds().get(room);
      Conversation.Said said =
          conversation.at(number, room, newest.get(room), user.userId(), user.number() == room);
      String eventId = server.sendEvent(user, roomId, run + "-" + number, said);
      newest.put(room, eventId);
      if (number % RECEIPT_EVERY == 0) {
        // Users of the same rooms are as many users apart as there are rooms.
        int next = (user.number() + population.roomIds().size()) % users.size();
        server.read(users.get(next), roomId, eventId);
      }
    };
  }

  /** Returns how many were acknowledged. */
  static long run(Population population, Sender sender, String run, long messages, int senders)
      throws InterruptedException {
    AtomicLong next = new AtomicLong();
    AtomicLong acknowledged = new AtomicLong();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int s = 0; s < senders; s++) {
        Session user = population.users().get(s % population.users().size());
        pool.execute(() -> send(sender, user, run, next, messages, acknowledged));
      }
      pool.shutdown();
      while (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
        System.err.printf("%d of %d%n", acknowledged.get(), messages);
      }
    }
    return acknowledged.get();
  }

  private static void send(
      Sender sender,
      Session user,
      String run,
      AtomicLong next,
      long messages,
      AtomicLong acknowledged) {
    for (long i = next.getAndIncrement(); i < messages; i = next.getAndIncrement()) {
      try {
        int room = user.rooms().get((int) (i / user.rooms().size() % user.rooms().size()));
        sender.send(user, room, run, i);
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
