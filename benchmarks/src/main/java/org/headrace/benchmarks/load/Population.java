package org.headrace.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Users in rooms: user u is in rooms u, u + 1, … modulo the number of rooms, so all are equal. */
record Population(List<Session> users, List<String> roomIds, int roomsPerUser) {
  private static final int SETUP_THREADS = 4;

  int membersPerRoom() {
    return users.size() * roomsPerUser / roomIds.size();
  }

  /**
   * Registers, creates and joins; usernames begin with the prefix, which must be new to the server.
   */
  static Population create(Homeserver server, String prefix, int users, int rooms, int roomsPerUser)
      throws InterruptedException, IOException {
    if (roomsPerUser > rooms || users % rooms != 0) {
      throw new IllegalArgumentException(
          "users must be a multiple of rooms, and a user in at most all rooms");
    }
    try (var pool = Executors.newFixedThreadPool(SETUP_THREADS)) {
      List<Callable<Session>> registrations = new ArrayList<>();
      for (int u = 0; u < users; u++) {
        int number = u;
        List<Integer> joined = new ArrayList<>();
        for (int r = 0; r < roomsPerUser; r++) {
          joined.add((u + r) % rooms);
        }
        registrations.add(() -> server.register(number, prefix + number, List.copyOf(joined)));
      }
      List<Session> sessions = results(pool.invokeAll(registrations));
      List<Callable<String>> creations = new ArrayList<>();
      for (int r = 0; r < rooms; r++) {
        int room = r;
        // User r is in room r.
        creations.add(() -> server.createRoom(sessions.get(room), "Room " + room));
      }
      List<String> roomIds = results(pool.invokeAll(creations));
      List<Callable<Boolean>> joins = new ArrayList<>();
      for (Session user : sessions) {
        for (int room : user.rooms()) {
          if (user.number() != room) {
            joins.add(
                () -> {
                  server.join(user, roomIds.get(room));
                  return true;
                });
          }
        }
      }
      results(pool.invokeAll(joins));
      return new Population(sessions, roomIds, roomsPerUser);
    }
  }

  private static <T> List<T> results(List<Future<T>> futures)
      throws InterruptedException, IOException {
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        throw new IOException("the population could not be set up: " + e.getCause(), e.getCause());
      }
    }
    return results;
  }
}
