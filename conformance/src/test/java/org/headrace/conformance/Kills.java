package org.headrace.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.headrace.conformance.server.HeadraceProcess;

/**
 * Kills a server with -9 and restarts it, at moments that a seed chooses: when so many messages
 * have been acknowledged, and a little later. Since nothing is acknowledged while it is down, all
 * kills fall into the exchange.
 */
final class Kills implements AutoCloseable {
  private static final int JITTER_MAX_MILLIS = 120;
  private static final Duration REST = Duration.ofMinutes(3);

  private final HeadraceProcess server;
  private final List<Integer> moments = new ArrayList<>();
  private final Random random;
  private final LinkedBlockingQueue<Integer> due = new LinkedBlockingQueue<>();
  private final List<Duration> restarts = new ArrayList<>();
  private final Thread thread;
  private int next;

  /** Kills so many times while {@code messages} are acknowledged. */
  Kills(HeadraceProcess server, int kills, int messages, long seed) {
    this.server = server;
    this.random = new Random(seed);
    for (int n = 0; n < kills; n++) {
      // One in each of as many equal stretches; the last tenth stays quiet, so that the end is seen
      // to work.
      int stretch = messages * 9 / 10 / kills;
      moments.add(n * stretch + 1 + random.nextInt(Math.max(1, stretch - 1)));
    }
    System.out.println(
        "kill -9 with seed " + seed + " at " + moments + " of " + messages + " messages");
    thread = Thread.ofPlatform().name("kills").start(this::work);
  }

  /** To be told the count of acknowledged messages whenever it grows. */
  synchronized void acknowledged(int count) {
    while (next < moments.size() && count >= moments.get(next)) {
      due.add(moments.get(next));
      next++;
    }
  }

  private void work() {
    try {
      for (int n = 0; n < moments.size(); n++) {
        if (due.poll(REST.toMillis(), TimeUnit.MILLISECONDS) == null) {
          return;
        }
        Thread.sleep(random.nextInt(JITTER_MAX_MILLIS));
        server.kill();
        server.restart();
        synchronized (restarts) {
          restarts.add(server.lastStart());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long each restart took until the first served request. */
  List<Duration> restarts() {
    synchronized (restarts) {
      return List.copyOf(restarts);
    }
  }

  @Override
  public void close() {
    try {
      thread.join(REST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
