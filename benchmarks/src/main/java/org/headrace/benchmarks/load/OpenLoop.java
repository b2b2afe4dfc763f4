package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/**
 * Every user long-polls /sync all the time; messages are sent when they are due, each on a virtual
 * thread of its own. A message's text names it, so each member's /sync tells when it arrived there.
 * Both latencies run from the due time.
 */
final class OpenLoop implements AutoCloseable {
  /** How long nothing has to come until what is awaited counts as lost. */
  static final Duration DRAIN = Duration.ofSeconds(20);

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** One span of constant rate, and what was seen of its messages. */
  private static final class Span {
    final Latencies put = new Latencies();
    final Latencies delivery = new Latencies();
    final AtomicLong due = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final AtomicLong awaited = new AtomicLong();
    final AtomicLong settled = new AtomicLong();
  }

  /** {@code seen} by user number; each element is written by its user's poller only. */
  private record Message(
      Span span, int sender, long dueNanos, boolean[] seen, AtomicBoolean acknowledged) {}

  private final Homeserver server;
  private final Population population;
  private final ConcurrentMap<String, Message> messages = new ConcurrentHashMap<>();
  private final AtomicLong nextMessage = new AtomicLong();
  private final AtomicLong syncErrors = new AtomicLong();
  private final AtomicLong doubled = new AtomicLong();
  private final List<Thread> pollers = new ArrayList<>();
  private final String run;
  private final long drainNanos;
  private final Random random;
  private volatile boolean closed;

  OpenLoop(Homeserver server, Population population, String run, long seed, Duration drain) {
    this.server = server;
    this.population = population;
    this.run = run;
    this.drainNanos = drain.toNanos();
    this.random = new Random(seed);
  }

  /** Starts all long polls; returns when each user has done its initial sync. */
  void start() throws InterruptedException {
    CountDownLatch synced = new CountDownLatch(population.users().size());
    for (Session user : population.users()) {
      pollers.add(Thread.ofVirtual().start(() -> poll(user, synced)));
    }
    synced.await();
  }

  /** Messages at this rate for so long; those due in the warm-up are sent and not counted. */
  Figures run(Arrivals.Kind kind, double perSecond, int warmUpSeconds, int seconds)
      throws InterruptedException {
    long warmUntil = TimeUnit.SECONDS.toNanos(warmUpSeconds);
    long until = warmUntil + TimeUnit.SECONDS.toNanos(seconds);
    return run(kind, perSecond, warmUntil, due -> due < until);
  }

  /** Messages at this rate for as long as something else goes on; all are counted. */
  Figures runWhile(Arrivals.Kind kind, double perSecond, BooleanSupplier goesOn)
      throws InterruptedException {
    return run(kind, perSecond, 0, due -> goesOn.getAsBoolean());
  }

  private Figures run(Arrivals.Kind kind, double perSecond, long warmUntil, LongPredicate wanted)
      throws InterruptedException {
    Span warm = new Span();
    Span measured = new Span();
    Arrivals arrivals = new Arrivals(kind, perSecond, random.nextLong());
    long errorsBefore = syncErrors.get();
    long doubledBefore = doubled.get();
    long begin = System.nanoTime();
    long due = arrivals.next();
    for (; wanted.test(due); due = arrivals.next()) {
      long dueNanos = begin + due;
      sleepUntil(dueNanos);
      Span span = due < warmUntil ? warm : measured;
      Session sender = population.users().get(random.nextInt(population.users().size()));
      int room = sender.rooms().get(random.nextInt(sender.rooms().size()));
      Thread.startVirtualThread(() -> send(span, sender, room, dueNanos));
      span.due.incrementAndGet();
    }
    drain(warm);
    drain(measured);
    long undelivered = undelivered(measured);
    messages.clear();
    return new Figures(
        perSecond,
        measured.due.get(),
        (int) TimeUnit.NANOSECONDS.toSeconds(due - warmUntil),
        measured.refused.get(),
        measured.failed.get(),
        undelivered,
        doubled.get() - doubledBefore,
        syncErrors.get() - errorsBefore,
        Figures.Percentiles.of(measured.put),
        Figures.Percentiles.of(measured.delivery));
  }

  private void send(Span span, Session sender, int room, long dueNanos) {
    String name = run + "-" + nextMessage.getAndIncrement();
    Message message =
        new Message(
            span,
            sender.number(),
            dueNanos,
            new boolean[population.users().size()],
            new AtomicBoolean());
    messages.put(name, message);
    span.awaited.addAndGet(population.membersPerRoom() - 1);
    try {
      server.send(sender, population.roomIds().get(room), name, "message " + name);
      span.put.record(System.nanoTime() - dueNanos);
      message.acknowledged().set(true);
    } catch (IOException e) {
      boolean full = e instanceof Homeserver.RefusedException refused && refused.status == 429;
      (full ? span.refused : span.failed).incrementAndGet();
      span.awaited.addAndGet(1 - population.membersPerRoom());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      span.settled.incrementAndGet();
    }
  }

  /** Waits until all is answered and delivered, or nothing has come for a while. */
  private void drain(Span span) throws InterruptedException {
    long last = System.nanoTime();
    long seen = -1;
    while (span.settled.get() < span.due.get() || span.delivery.count() < span.awaited.get()) {
      long now = span.settled.get() + span.delivery.count();
      if (now != seen) {
        seen = now;
        last = System.nanoTime();
      } else if (System.nanoTime() - last > drainNanos) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Pairs of an acknowledged message and another member of its room that has not seen it. */
  private long undelivered(Span span) {
    long missing = 0;
    for (Message message : messages.values()) {
      if (message.span() == span && message.acknowledged().get()) {
        missing += population.membersPerRoom() - 1;
        for (boolean seen : message.seen()) {
          missing -= seen ? 1 : 0;
        }
      }
    }
    return missing;
  }

  private void poll(Session user, CountDownLatch synced) {
    String since = null;
    while (!closed) {
      try {
        JsonNode answer = server.sync(user, since);
        long now = System.nanoTime();
        if (since == null) {
          synced.countDown();
        }
        since = answer.path("next_batch").textValue();
        for (var room : answer.path("rooms").path("join").properties()) {
          for (JsonNode event : room.getValue().path("timeline").path("events")) {
            arrived(user, event, now);
          }
        }
      } catch (IOException e) {
        if (!closed) {
          syncErrors.incrementAndGet();
          LockSupport.parkNanos(RETRY_NANOS);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void arrived(Session user, JsonNode event, long now) {
    String text = event.path("content").path("body").asText("");
    if (!text.startsWith("message ")) {
      return;
    }
    Message message = messages.get(text.substring("message ".length()));
    if (message == null || message.sender() == user.number()) {
      return;
    }
    if (message.seen()[user.number()]) {
      doubled.incrementAndGet();
      return;
    }
    message.seen()[user.number()] = true;
    message.span().delivery.record(now - message.dueNanos());
  }

  static void sleepUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    closed = true;
    pollers.forEach(Thread::interrupt);
  }
}
