package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Messages, account data and reads at constant rates and a /sync that is always there, in spans
 * that somebody else begins, while something is done to the servers. Who is refused or gets no
 * answer repeats the request once, unchanged, after a second, as clients do.
 */
final class Watch implements AutoCloseable {
  static final String SEND = "message";
  private static final String KEEP = "account data";
  private static final String READ = "read";
  private static final String SYNC = "sync";

  /** The kinds that are writes. */
  static final List<String> WRITES =
      Stream.concat(Stream.of(SEND, KEEP), Others.KINDS.stream()).toList();

  private static final long REPEAT_MILLIS = 1_000;
  private static final long SEEN_SECONDS_MAX = 180;
  private static final int NO_ROOM = -1;

  /** A request; returns the event's id, where it makes one. */
  @FunctionalInterface
  private interface Request {
    @Nullable String send() throws IOException, InterruptedException;
  }

  private final Homeserver server;
  private final Population population;
  private final Session reader;
  private final String run;
  private final Others others;
  private final Map<Integer, String> lastEvents = new ConcurrentHashMap<>();
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger underWay = new AtomicInteger();
  private final CountDownLatch firstSync = new CountDownLatch(1);
  private final Object lock = new Object();
  private final Set<String> unseen = new HashSet<>();
  private final Set<String> seen = new HashSet<>();
  private Set<String> before = new HashSet<>();
  private volatile Span span = new Span("", System.nanoTime());
  private volatile boolean over;

  /** The reader is in all rooms. */
  Watch(Homeserver server, Population population, Session reader, String run) {
    this.server = server;
    this.population = population;
    this.reader = reader;
    this.run = run;
    this.others = new Others(server, population, run);
  }

  /** Begins; returns when the reader's /sync is there. */
  void start(double messages, double kept, double reads, double writes)
      throws InterruptedException {
    pool.execute(this::sync);
    firstSync.await();
    pool.execute(() -> repeat(messages, this::message));
    pool.execute(() -> repeat(kept, this::keep));
    pool.execute(() -> repeat(reads, this::read));
    pool.execute(() -> repeat(writes, this::other));
  }

  /** Begins a span, returns the one before. */
  Span begin(String name) {
    synchronized (lock) {
      long now = System.nanoTime();
      Span last = span;
      last.end(now, population.roomIds().size());
      span = new Span(name, now);
      before = new HashSet<>(unseen);
      if (before.isEmpty()) {
        span.caughtUp(now);
      }
      return last;
    }
  }

  /**
   * No more requests; waits for those under way and for what is still to be seen, three minutes at
   * most.
   *
   * @return how many acknowledged messages the reader has not seen
   */
  int end() throws InterruptedException {
    over = true;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SEEN_SECONDS_MAX);
    synchronized (lock) {
      while ((underWay.get() > 0 || !unseen.isEmpty()) && System.nanoTime() < deadline) {
        lock.wait(100);
      }
      return unseen.size();
    }
  }

  private void repeat(double perSecond, java.util.function.LongConsumer operation) {
    if (perSecond <= 0) {
      return;
    }
    long begun = System.nanoTime();
    for (long n = 0; !over; n++) {
      long waitNanos = begun + (long) (n * 1e9 / perSecond) - System.nanoTime();
      try {
        TimeUnit.NANOSECONDS.sleep(waitNanos);
      } catch (InterruptedException e) {
        return;
      }
      if (over) {
        return;
      }
      long number = n;
      underWay.incrementAndGet();
      pool.execute(
          () -> {
            try {
              operation.accept(number);
            } finally {
              underWay.decrementAndGet();
            }
          });
    }
  }

  private void message(long number) {
    int room = (int) (number % population.roomIds().size());
    String roomId = population.roomIds().get(room);
    Session user = population.users().get(room);
    Conversation.Said said =
        new Conversation.Said(
            "m.room.message",
            null,
            Homeserver.JSON.createObjectNode().put("msgtype", "m.text").put("body", "n " + number));
    String eventId =
        twice(SEND, room, () -> server.sendEvent(user, roomId, run + "-" + number, said));
    if (eventId != null) {
      lastEvents.put(room, eventId);
    }
    synchronized (lock) {
      if (eventId != null && !seen.remove(eventId)) {
        unseen.add(eventId);
      }
    }
  }

  /** Nothing in a room where nothing was said yet. */
  private void other(long number) {
    String about = lastEvents.get(others.room(number));
    if (about != null) {
      String unused = twice(Others.kind(number), NO_ROOM, () -> others.send(number, about));
    }
  }

  private void keep(long number) {
    Session user = population.users().get((int) (number % population.users().size()));
    String unused =
        twice(
            KEEP,
            NO_ROOM,
            () -> {
              server.keep(user, number);
              return null;
            });
  }

  private void read(long number) {
    int room = (int) (number % population.roomIds().size());
    Session user = population.users().get(room);
    String unused =
        twice(
            READ,
            NO_ROOM,
            () -> {
              JsonNode read = server.messages(user, population.roomIds().get(room));
              return read.path("start").textValue();
            });
  }

  private void sync() {
    String[] since = {null};
    while (!pool.isShutdown()) {
      String next =
          twice(
              SYNC,
              NO_ROOM,
              () -> {
                JsonNode answer = server.sync(reader, since[0]);
                saw(answer);
                return answer.path("next_batch").textValue();
              });
      since[0] = next == null ? since[0] : next;
      if (since[0] != null) {
        firstSync.countDown();
      }
    }
  }

  private void saw(JsonNode answer) {
    synchronized (lock) {
      for (JsonNode room : answer.path("rooms").path("join")) {
        for (JsonNode event : room.path("timeline").path("events")) {
          String eventId = event.path("event_id").textValue();
          if (!unseen.remove(eventId)) {
            // It comes before its acknowledgement, or is none of ours.
            seen.add(eventId);
          }
          if (before.remove(eventId) && before.isEmpty()) {
            span.caughtUp(System.nanoTime());
          }
        }
      }
      lock.notifyAll();
    }
  }

  /** Null if both tries failed, or if it returns nothing. */
  private @Nullable String twice(String kind, int room, Request request) {
    Span due = span;
    due.due(kind);
    long begun = System.nanoTime();
    for (int attempt = 0; attempt < 2 && !pool.isShutdown(); attempt++) {
      try {
        String result = request.send();
        long now = System.nanoTime();
        due.ended(kind, attempt > 0, true, now - begun);
        synchronized (lock) {
          span.progress(kind, room, now);
        }
        return result;
      } catch (Homeserver.RefusedException e) {
        due.answered(kind, Integer.toString(e.status));
      } catch (IOException e) {
        due.answered(kind, "none");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
      try {
        Thread.sleep(REPEAT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    due.ended(kind, true, false, System.nanoTime() - begun);
    return null;
  }

  @Override
  public void close() {
    over = true;
    pool.shutdownNow();
  }
}
