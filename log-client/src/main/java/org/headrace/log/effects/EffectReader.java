package org.headrace.log.effects;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;

/**
 * Reads {@code room.effects} as one of a group and hands each effect to its worker, on a thread of
 * its own that never waits for one. An effect counts as read when its worker is done with it, so
 * that a crash lets another node do it again. One that cannot be read (of a newer version, perhaps)
 * stops its partition, as a record of a log stops its views: the others go on, and a process that
 * knows it goes on from there.
 */
public final class EffectReader implements AutoCloseable {
  /** Effects that are under way at once; beyond it no more are read. */
  public static final int OPEN_MAX = 10_000;

  private static final String GROUP = "effects";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration JOIN = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger(EffectReader.class.getName());

  /** Does what an effect asks for, on threads of its own. */
  @FunctionalInterface
  public interface Worker {
    /** Returns at once; {@code done} is to be run once, when the effect need not be met again. */
    void work(RoomEffect effect, Runnable done);
  }

  private final Consumer<byte[], byte[]> consumer;
  private final Worker worker;
  private final java.util.function.Consumer<String> fatal;
  private final Thread thread;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<TopicPartition, DoneOffsets> partitions = new ConcurrentHashMap<>();

  /** What is not read further; of the thread alone, as is what follows. */
  private final Set<TopicPartition> stopped = new HashSet<>();

  /** Where what is unknown lies, also in partitions that were others' meanwhile: told once. */
  private final Map<TopicPartition, Long> told = new HashMap<>();

  private volatile boolean closing;

  /**
   * @param node names this process among those of the group, the same after a restart
   * @param fatal told in one line why this process must end
   */
  public EffectReader(
      Map<String, Object> clientConfig,
      String node,
      Worker worker,
      java.util.function.Consumer<String> fatal) {
    this(
        new KafkaConsumer<>(
            settings(clientConfig, node), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        worker,
        fatal);
  }

  EffectReader(
      Consumer<byte[], byte[]> consumer, Worker worker, java.util.function.Consumer<String> fatal) {
    this.consumer = consumer;
    this.worker = worker;
    this.fatal = fatal;
    thread = Thread.ofPlatform().name("effects").unstarted(this::run);
  }

  private static Map<String, Object> settings(Map<String, Object> clientConfig, String node) {
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, GROUP + "-" + node);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    return settings;
  }

  public void start() {
    thread.start();
  }

  /** Whether its thread runs: false before it is started, and once it has ended. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  private void run() {
    try (consumer) {
      begin();
      while (!closing) {
        try {
          step();
        } catch (WakeupException e) {
          // Closing.
        } catch (FencedInstanceIdException e) {
          fatal.accept("effects: another process has this node's name; each needs its own");
          return;
        } catch (KafkaException e) {
          LOG.log(System.Logger.Level.WARNING, "effects cannot be read now: {0}", e.toString());
          pause();
        }
      }
      commit();
    } catch (WakeupException e) {
      LOG.log(System.Logger.Level.DEBUG, "closed while committing");
    }
  }

  void begin() {
    consumer.subscribe(List.of(Topic.ROOM_EFFECTS.topicName()), new Assignment());
  }

  void step() {
    if (open.get() >= OPEN_MAX) {
      consumer.pause(consumer.assignment());
    } else {
      consumer.resume(
          consumer.paused().stream().filter(paused -> !stopped.contains(paused)).toList());
    }
    ConsumerRecords<byte[], byte[]> found = consumer.poll(POLL);
    for (TopicPartition partition : found.partitions()) {
      for (ConsumerRecord<byte[], byte[]> record : found.records(partition)) {
        RoomEffect effect;
        try {
          effect = LogJson.decode(record.value(), RoomEffect.class);
        } catch (UncheckedIOException | IllegalArgumentException e) {
          stop(partition, record.offset());
          break;
        }
        work(partition, record.offset(), effect);
      }
    }
    commit();
  }

  private void work(TopicPartition partition, long offset, RoomEffect effect) {
    DoneOffsets offsets = partitions.computeIfAbsent(partition, p -> new DoneOffsets(offset));
    offsets.begin(offset);
    open.incrementAndGet();
    worker.work(
        effect,
        () -> {
          offsets.done(offset);
          open.decrementAndGet();
        });
  }

  private void stop(TopicPartition partition, long offset) {
    stopped.add(partition);
    consumer.pause(List.of(partition));
    if (!Long.valueOf(offset).equals(told.put(partition, offset))) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the effect at offset "
              + offset
              + " of "
              + partition
              + " is unknown, perhaps of a newer version: this partition stops there");
    }
  }

  private void commit() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    partitions.forEach(
        (partition, done) -> offsets.put(partition, new OffsetAndMetadata(done.committable())));
    if (!offsets.isEmpty()) {
      consumer.commitSync(offsets);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is under way for a partition that goes to another node is done there again. */
  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      try {
        commit();
      } catch (KafkaException e) {
        LOG.log(System.Logger.Level.DEBUG, "nothing committed at a rebalance: {0}", e.toString());
      }
      List.copyOf(revoked).forEach(partitions::remove);
      stopped.removeAll(Set.copyOf(revoked));
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {}
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      boolean unused = join(JOIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until its thread has ended; false if that takes longer. */
  boolean join(Duration longest) throws InterruptedException {
    return thread.join(longest);
  }
}
