package org.headrace.conformance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.conformance.server.ClusterScript;

/**
 * Kills processes of a cluster with -9, stops them with SIGSTOP for a while, or restarts them, one
 * after the other as a seed says: none again before all others were victims. What ends by itself
 * meanwhile is started again, as whoever watches over processes would.
 */
final class Faults implements AutoCloseable {
  private static final List<String> VICTIMS =
      List.of(
          "rooms-1",
          "rooms-2",
          "accounts-1",
          "accounts-2",
          "projector-1",
          "projector-2",
          "ingest-1",
          "ingest-2",
          "api-1",
          "api-2",
          "federation-1",
          "broker-1",
          "broker-2",
          "broker-3",
          "cassandra");
  private static final int AWAY_MAX_MILLIS = 5_000;
  private static final int REST_MAX_MILLIS = 4_000;
  private static final int START_ATTEMPTS_MAX = 10;
  private static final long WATCH_MILLIS = 500;

  /** A message takes no longer where nothing is broken. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(1);

  private enum Kind {
    KILL,
    STOP,
    RESTART
  }

  private final ClusterScript cluster;
  private final Duration stop;
  private final Random random;
  private final Instant end;
  private final Map<String, Integer> done = new TreeMap<>();
  private final Map<String, Long> longestMillis = new TreeMap<>();
  private final Map<String, Long> slowestMillis = new TreeMap<>();
  private final NavigableMap<Instant, String> begun = new TreeMap<>();
  private final List<String> endedThemselves = new ArrayList<>();
  private final Thread thread;
  private volatile boolean over;
  private String now = "no fault yet";
  private long acknowledgedNanos = System.nanoTime();
  private String sinceAcknowledged = now;
  private RuntimeException failure;

  /** Begins at once, and begins no further fault after so long. */
  Faults(ClusterScript cluster, Duration duration, Duration stop, long seed) {
    this.cluster = cluster;
    this.stop = stop;
    this.random = new Random(seed);
    this.end = Instant.now().plus(duration);
    thread = Thread.ofPlatform().name("faults").start(this::work);
  }

  /** Whether all is as it was and stays so. */
  boolean over() {
    return over;
  }

  /**
   * To be told of each message that was acknowledged.
   *
   * @param sent when it was first sent
   * @param took until it was acknowledged
   */
  synchronized void acknowledged(Instant sent, Duration took) {
    acknowledged();
    // One that is under way when a fault comes waits for that fault.
    Map.Entry<Instant, String> fault = begun.floorEntry(sent.plus(UNDER_WAY));
    String what = fault == null ? "no fault yet" : fault.getValue();
    slowestMillis.merge(what, took.toMillis(), Math::max);
  }

  private void acknowledged() {
    long nanos = System.nanoTime();
    long gapMillis = Duration.ofNanos(nanos - acknowledgedNanos).toMillis();
    acknowledgedNanos = nanos;
    // The fault at the gap's beginning is to blame: the next may have begun meanwhile.
    longestMillis.merge(sinceAcknowledged, gapMillis, Math::max);
    sinceAcknowledged = now;
  }

  /** How many there were so far. */
  synchronized int count() {
    return done.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void work() {
    try {
      Deque<Kind> kinds = new ArrayDeque<>();
      Deque<String> victims = new ArrayDeque<>();
      while (Instant.now().isBefore(end)) {
        Kind kind = draw(kinds, List.of(Kind.values()));
        String victim = draw(victims, VICTIMS);
        String what =
            kind.name().toLowerCase(java.util.Locale.ROOT) + " " + victim.replaceAll("-\\d+$", "");
        synchronized (this) {
          now = what;
          begun.put(Instant.now(), what);
          done.merge(what, 1, Integer::sum);
        }
        System.out.println("crash: " + what + " (" + victim + ")");
        fault(kind, victim);
        bringBack(victim);
        watch(random.nextInt(REST_MAX_MILLIS));
      }
      bringBack("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      synchronized (this) {
        failure = e;
      }
    } finally {
      over = true;
    }
  }

  /** The next of a pack, which is shuffled anew when it is used up. */
  private <T> T draw(Deque<T> pack, List<T> all) {
    if (pack.isEmpty()) {
      List<T> shuffled = new ArrayList<>(all);
      Collections.shuffle(shuffled, random);
      pack.addAll(shuffled);
    }
    return pack.remove();
  }

  private void fault(Kind kind, String victim) throws InterruptedException {
    switch (kind) {
      case KILL -> {
        cluster.kill(victim);
        Thread.sleep(random.nextInt(AWAY_MAX_MILLIS));
      }
      case STOP -> {
        cluster.pause(victim);
        Thread.sleep(stop.toMillis());
        cluster.resume(victim);
      }
      case RESTART -> {
        cluster.stop(victim);
        Thread.sleep(random.nextInt(AWAY_MAX_MILLIS));
      }
    }
  }

  private void watch(int millis) throws InterruptedException {
    Instant until = Instant.now().plusMillis(millis);
    do {
      bringBack("");
      Thread.sleep(WATCH_MILLIS);
    } while (Instant.now().isBefore(until));
  }

  /** Starts what does not run, and returns when it is ready; the victim's end is no surprise. */
  private void bringBack(String victim) throws InterruptedException {
    for (String name : VICTIMS) {
      if (!cluster.runs(name) && !name.equals(victim)) {
        synchronized (this) {
          endedThemselves.add(name + " during " + now);
        }
        start(name);
      }
    }
    if (!victim.isEmpty()) {
      start(victim);
    }
  }

  private void start(String name) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        cluster.start(name);
        return;
      } catch (IllegalStateException e) {
        // A process that needs what is away ends, and is started again.
        if (attempt == START_ATTEMPTS_MAX) {
          throw e;
        }
        Thread.sleep(WATCH_MILLIS);
      }
    }
  }

  /**
   * What was done, and for each kind the longest time in which nothing was acknowledged to anybody,
   * and in which one message was not.
   */
  synchronized String report() {
    StringBuilder report = new StringBuilder();
    report
        .append(count())
        .append(" faults; longest time without an acknowledgement, of all writers and of one:\n");
    longestMillis.forEach(
        (what, millis) ->
            report.append(
                String.format(
                    "  %-20s ×%d %8d ms %8d ms%n",
                    what,
                    done.getOrDefault(what, 0),
                    millis,
                    slowestMillis.getOrDefault(what, 0L))));
    report.append("ended by themselves and were started again: ").append(endedThemselves);
    return report.toString();
  }

  /** Waits until all processes are there again; what is not acknowledged by then is a gap too. */
  @Override
  public void close() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      acknowledged();
      if (failure != null) {
        throw failure;
      }
    }
  }
}
