package org.headrace.sender.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.sender.queue.QueuedEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
  private static final int DEADLINE_SECONDS = 30;

  private final FakeQueues queues = new FakeQueues();
  private final FakeNetwork network = new FakeNetwork();
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final List<String> alarms = new CopyOnWriteArrayList<>();
  private Deliveries deliveries = deliveries();

  private Deliveries deliveries() {
    return new Deliveries(
        queues,
        DeliveriesTest::assemble,
        network,
        queues,
        () -> Instant.ofEpochMilli(now.get()),
        new Random(7),
        alarms::add);
  }

  @AfterEach
  void close() {
    deliveries.close();
  }

  @Test
  void sendsAllInOrder() throws Exception {
    for (int i = 0; i < 250; i++) {
      queues.put(queue("b.example"), i);
    }
    deliveries.ready(0, queue("b.example"));
    network.awaitReceived("b.example", 250);
    assertThat(network.received("b.example")).isSorted().doesNotHaveDuplicates();
    queues.awaitSentUpTo(queue("b.example"), 249);
  }

  @Test
  void aDeadDestinationHoldsUpNobody() throws Exception {
    network.dead("dead.example");
    queues.put(queue("dead.example"), 1);
    deliveries.ready(0, queue("dead.example"));
    for (int i = 0; i < 99; i++) {
      QueueKey queue = queue("s" + i + ".example");
      queues.put(queue, 1);
      deliveries.ready(0, queue);
    }
    for (int i = 0; i < 99; i++) {
      network.awaitReceived("s" + i + ".example", 1);
    }
    queues.awaitFailures(queue("dead.example"), 1);
    assertThat(network.received("dead.example")).isEmpty();
  }

  @Test
  void waitsLongerAfterEachFailureAndRemembersIt() throws Exception {
    network.dead("b.example");
    queues.put(queue("b.example"), 1);
    deliveries.ready(0, queue("b.example"));
    queues.awaitFailures(queue("b.example"), 1);
    DestinationStatus first = queues.status(0, queue("b.example"));
    assertThat(first.nextTryTs() - now.get()).isPositive().isLessThanOrEqualTo(2_000);
    // Another process finds the status and does not try before its time.
    deliveries.close();
    deliveries = deliveries();
    deliveries.ready(0, queue("b.example"));
    deliveries.wake(0, queue("b.example"));
    queues.awaitFailures(queue("b.example"), 2);
    DestinationStatus second = queues.status(0, queue("b.example"));
    assertThat(second.nextTryTs() - now.get()).isGreaterThan(2_000);
    assertThat(second.failingSinceTs()).isEqualTo(first.failingSinceTs());
  }

  @Test
  void tellsWhatADestinationRefusesFromTheRest() throws Exception {
    network.refuses("b.example", 3);
    for (int i = 0; i < 6; i++) {
      queues.put(queue("b.example"), i);
    }
    deliveries.ready(0, queue("b.example"));
    for (int hurries = 0; hurries < 200 && queues.sentUpTo(queue("b.example")) < 5; hurries++) {
      int failures = queues.failures.get();
      deliveries.wake(0, queue("b.example"));
      queues.awaitChange(failures);
    }
    queues.awaitSentUpTo(queue("b.example"), 5);
    assertThat(network.received("b.example")).containsExactly(0L, 1L, 2L, 4L, 5L);
    assertThat(alarms).singleElement().asString().contains("refuses");
  }

  @Test
  void theSameEntriesAreTheSameTransaction() throws Exception {
    List<QueuedEntry> entries = List.of(entry(1), entry(2));
    Transaction first = assemble(queue("b.example"), entries).orElseThrow();
    Transaction again = assemble(queue("b.example"), entries).orElseThrow();
    Transaction fewer = assemble(queue("b.example"), entries.subList(0, 1)).orElseThrow();
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(fewer.id()).isNotEqualTo(first.id());
  }

  private static Optional<Transaction> assemble(QueueKey queue, List<QueuedEntry> entries) {
    return Optional.of(
        Transaction.of(
            queue.tenant(),
            entries.getLast().ts(),
            List.of(),
            entries.stream().map(entry -> Json.object().put("n", entry.offset())).toList()));
  }

  private static QueueKey queue(String destination) {
    return new QueueKey(new ServerName("a.example"), new ServerName(destination));
  }

  private static QueuedEntry entry(long offset) {
    return new QueuedEntry(
        offset, 5000 + offset, new QueueRecord.Edu("m.test", Json.object(), null));
  }

  /** Queues in memory, in the place of the stores. */
  private static final class FakeQueues implements QueueReader, StatusLog {
    private final Map<QueueKey, ConcurrentSkipListMap<Long, QueuedEntry>> entries =
        new ConcurrentHashMap<>();
    private final Map<QueueKey, DestinationStatus> statuses = new ConcurrentHashMap<>();
    final AtomicInteger failures = new AtomicInteger();

    void put(QueueKey queue, long offset) {
      entries
          .computeIfAbsent(queue, key -> new ConcurrentSkipListMap<>())
          .put(offset, entry(offset));
    }

    @Override
    public DestinationStatus status(int partition, QueueKey queue) {
      return statuses.getOrDefault(queue, DestinationStatus.NEW);
    }

    @Override
    public List<QueuedEntry> next(int partition, QueueKey queue, long after) {
      return entries.get(queue).tailMap(after, false).values().stream().limit(50).toList();
    }

    @Override
    public synchronized void put(QueueKey queue, DestinationStatus status) {
      statuses.put(queue, status);
      failures.incrementAndGet();
      notifyAll();
    }

    long sentUpTo(QueueKey queue) {
      return status(0, queue).sentUpTo();
    }

    synchronized void awaitSentUpTo(QueueKey queue, long offset) throws InterruptedException {
      await(() -> sentUpTo(queue) >= offset);
    }

    synchronized void awaitFailures(QueueKey queue, int count) throws InterruptedException {
      await(() -> status(0, queue).failures() >= count);
    }

    synchronized void awaitChange(int since) throws InterruptedException {
      await(() -> failures.get() > since);
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (!condition.getAsBoolean()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        wait(100);
      }
    }
  }

  /** Destinations in memory: some dead, some that refuse one entry. */
  private static final class FakeNetwork implements TransactionClient {
    private final Map<String, List<Long>> received = new ConcurrentHashMap<>();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();
    private final List<String> dead = new CopyOnWriteArrayList<>();

    void dead(String destination) {
      dead.add(destination);
    }

    void refuses(String destination, long offset) {
      refused.put(destination, offset);
    }

    List<Long> received(String destination) {
      return received.getOrDefault(destination, List.of());
    }

    @Override
    public void send(QueueKey queue, Transaction transaction) throws DeliveryException {
      String destination = queue.destination().value();
      if (dead.contains(destination)) {
        throw new DeliveryException("no route", false, 0);
      }
      List<Long> offsets = new ArrayList<>();
      transaction.body().path("edus").forEach(edu -> offsets.add(edu.path("n").asLong()));
      if (offsets.contains(refused.getOrDefault(destination, -1L))) {
        throw new DeliveryException("400 M_BAD_JSON", true, 0);
      }
      synchronized (this) {
        received.computeIfAbsent(destination, name -> new CopyOnWriteArrayList<>()).addAll(offsets);
        notifyAll();
      }
    }

    synchronized void awaitReceived(String destination, int count) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (received(destination).size() < count) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        wait(100);
      }
    }
  }
}
