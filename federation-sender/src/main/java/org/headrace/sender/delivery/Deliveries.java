package org.headrace.sender.delivery;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.sender.queue.QueueListener;
import org.headrace.sender.queue.QueuedEntry;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is queued to its destinations. Each queue is a lane of its own, with one transaction
 * under way: so a room's events keep their order, and a destination that is slow or dead holds up
 * nobody else. Those that fail share a few permits, so that they cannot take those of the others.
 * Safe for use by many threads.
 */
public final class Deliveries implements QueueListener, AutoCloseable {
  static final int TRANSACTIONS_MAX = 200;
  static final int FAILING_TRANSACTIONS_MAX = 30;

  /** So often a request that the destination calls wrong is tried, alone, before it is given up. */
  static final int REFUSALS_MAX = 3;

  private static final long LOOK_AGAIN_MILLIS = 500;

  /** After an error of our own; someone will read of it. */
  private static final long UNEXPECTED_REST_MILLIS = 60_000;

  private final QueueReader queues;
  private final Assembly assembly;
  private final TransactionClient client;
  private final StatusLog statuses;
  private final InstantSource clock;
  private final Backoff backoff;
  private final Consumer<String> alarm;
  private final Map<QueueKey, Lane> lanes = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("federation-timer").factory());
  private final Semaphore permits = new Semaphore(TRANSACTIONS_MAX);
  private final Semaphore failingPermits = new Semaphore(FAILING_TRANSACTIONS_MAX);
  private volatile boolean open = true;

  /**
   * @param alarm told in one line what an operator must know
   */
  public Deliveries(
      QueueReader queues,
      Assembly assembly,
      TransactionClient client,
      StatusLog statuses,
      InstantSource clock,
      RandomGenerator random,
      Consumer<String> alarm) {
    this.queues = queues;
    this.assembly = assembly;
    this.client = client;
    this.statuses = statuses;
    this.clock = clock;
    this.backoff = new Backoff(random);
    this.alarm = alarm;
  }

  @Override
  public void ready(int partition, QueueKey queue) {
    lanes.computeIfAbsent(queue, key -> new Lane(key, partition)).go(false);
  }

  @Override
  public void wake(int partition, QueueKey queue) {
    Lane lane = lanes.get(queue);
    if (lane != null) {
      lane.go(true);
    }
  }

  @Override
  public void lost(int partition) {
    lanes.values().removeIf(lane -> lane.partition == partition && lane.abandon());
  }

  @Override
  public void close() {
    open = false;
    timer.shutdownNow();
    threads.shutdownNow();
  }

  /** One queue's delivery; at most one thread runs it. */
  private final class Lane {
    private final QueueKey queue;
    private final int partition;
    private boolean running;
    private boolean again;
    private boolean hurried;
    private volatile boolean abandoned;

    /** Known once it was read; the runner's alone. */
    private @Nullable DestinationStatus status;

    /** Fewer after a refusal, so that what is wrong can be told from what is not. */
    private int entriesMax = Integer.MAX_VALUE;

    Lane(QueueKey queue, int partition) {
      this.queue = queue;
      this.partition = partition;
    }

    synchronized void go(boolean hurry) {
      hurried |= hurry;
      again = true;
      if (!running && open && !abandoned) {
        running = true;
        threads.execute(this::run);
      }
    }

    boolean abandon() {
      abandoned = true;
      return true;
    }

    private synchronized boolean takeHurry() {
      boolean hurry = hurried;
      hurried = false;
      return hurry;
    }

    /** Whether something came since the last look; if not, the runner ends. */
    private synchronized boolean goesOn() {
      if (again && open && !abandoned) {
        again = false;
        return true;
      }
      running = false;
      return false;
    }

    private synchronized void rest(long millis) {
      running = false;
      if (open && !abandoned) {
        timer.schedule(() -> go(false), millis, TimeUnit.MILLISECONDS);
      }
    }

    private void run() {
      try {
        while (goesOn()) {
          long restMillis = drain();
          if (restMillis > 0) {
            rest(restMillis);
            return;
          }
        }
      } catch (InvalidStateStoreException e) {
        // The partition moves, or its store is being restored.
        status = null;
        rest(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        if (open) {
          alarm.accept("federation to " + queue.destination() + ": " + e);
          rest(UNEXPECTED_REST_MILLIS);
        }
      }
    }

    /** Sends until nothing waits; how long to rest if it failed, in milliseconds, else 0. */
    private long drain() throws InterruptedException {
      while (open && !abandoned) {
        DestinationStatus known = status;
        if (known == null) {
          known = queues.status(partition, queue);
          status = known;
        }
        long waitMillis = known.nextTryTs() - clock.millis();
        if (waitMillis > 0 && !takeHurry()) {
          return waitMillis;
        }
        List<QueuedEntry> entries = queues.next(partition, queue, known.sentUpTo());
        if (entries.isEmpty()) {
          return 0;
        }
        if (entries.size() > entriesMax) {
          entries = entries.subList(0, entriesMax);
        }
        long restMillis = attempt(known, entries);
        if (restMillis > 0) {
          return restMillis;
        }
      }
      return 0;
    }

    private long attempt(DestinationStatus before, List<QueuedEntry> entries)
        throws InterruptedException {
      Semaphore pool = before.failures() > 0 ? failingPermits : permits;
      pool.acquire();
      try {
        Optional<Transaction> transaction = assembly.assemble(queue, entries);
        if (transaction.isPresent()) {
          client.send(queue, transaction.get());
        }
        entriesMax = Integer.MAX_VALUE;
        note(before.sent(entries.getLast().offset()));
        return 0;
      } catch (Assembly.ViewsBehindException e) {
        return LOOK_AGAIN_MILLIS;
      } catch (DeliveryException e) {
        return fail(before, entries, e);
      } finally {
        pool.release();
      }
    }

    private long fail(DestinationStatus before, List<QueuedEntry> entries, DeliveryException e) {
      if (e.isRefused() && entries.size() == 1 && before.failures() >= REFUSALS_MAX) {
        alarm.accept(
            queue.destination()
                + " refuses "
                + entries.getFirst().record()
                + ": "
                + e.getMessage());
        entriesMax = Integer.MAX_VALUE;
        note(before.sent(entries.getFirst().offset()));
        return 0;
      }
      if (e.isRefused()) {
        entriesMax = Math.max(1, entries.size() / 2);
      }
      long now = clock.millis();
      long wait = backoff.waitMillis(before.failures() + 1, e.retryAfterMillis());
      note(before.failed(now, now + wait, String.valueOf(e.getMessage())));
      return wait;
    }

    private void note(DestinationStatus now) {
      status = now;
      statuses.put(queue, now);
    }
  }
}
