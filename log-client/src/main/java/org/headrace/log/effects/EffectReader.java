package org.headrace.log.effects;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;

/**
 * Reads {@code room.effects} as one of a group and hands each effect to its worker, on a thread of
 * its own that never waits for one. An effect counts as read when its worker is done with it, so
 * that a crash lets another node do it again.
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

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Worker worker;
  private final Thread thread;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<TopicPartition, DoneOffsets> partitions = new ConcurrentHashMap<>();
  private volatile boolean closing;

  /** {@code node} names this process among those of the group, the same after a restart. */
  public EffectReader(Map<String, Object> clientConfig, String node, Worker worker) {
    this.worker = worker;
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, GROUP + "-" + node);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    thread = Thread.ofPlatform().name("effects").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try (consumer) {
      consumer.subscribe(List.of(Topic.ROOM_EFFECTS.topicName()), new Assignment());
      while (!closing) {
        try {
          step();
        } catch (WakeupException e) {
          // Closing.
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

  private void step() {
    if (open.get() >= OPEN_MAX) {
      consumer.pause(consumer.assignment());
    } else {
      consumer.resume(consumer.paused());
    }
    for (ConsumerRecord<byte[], byte[]> found : consumer.poll(POLL)) {
      TopicPartition partition = new TopicPartition(found.topic(), found.partition());
      DoneOffsets offsets =
          partitions.computeIfAbsent(partition, p -> new DoneOffsets(found.offset()));
      offsets.begin(found.offset());
      open.incrementAndGet();
      worker.work(
          LogJson.decode(found.value(), RoomEffect.class),
          () -> {
            offsets.done(found.offset());
            open.decrementAndGet();
          });
    }
    commit();
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
      new ArrayList<>(revoked).forEach(partitions::remove);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {}
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join(JOIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
