package org.headrace.log.ticks;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;

/**
 * Reads all ticks from the moment it starts, on a thread of its own, and hands each to its sinks,
 * which must not block (design D4).
 */
public final class TickReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration START_WAIT = Duration.ofSeconds(30);

  private static final System.Logger LOG = System.getLogger(TickReader.class.getName());

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<Consumer<Tick>> sinks;
  private final TracedNews traced;
  private final List<TopicPartition> assigned = new ArrayList<>();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean reading;
  private volatile OptionalLong decisionDelayMillis = OptionalLong.empty();
  private volatile OptionalLong wakeupDelayMillis = OptionalLong.empty();

  /** {@code traced} is told before the sinks, which may let an answer go. */
  public TickReader(
      Map<String, Object> clientConfig,
      Partitions partitions,
      TracedNews traced,
      List<Consumer<Tick>> sinks) {
    this.traced = traced;
    this.sinks = List.copyOf(sinks);
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    // After ticks were deleted under a slow reader, waiting writes time out and polls look again.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    for (Topic topic : List.of(Topic.ROOM_TICKS, Topic.ACCOUNT_TICKS)) {
      for (int p = 0; p < partitions.count(topic.family()); p++) {
        assigned.add(new TopicPartition(topic.topicName(), p));
      }
    }
    thread = Thread.ofPlatform().name("ticks").unstarted(this::run);
  }

  /**
   * Starts reading; returns when ticks from now on will be seen, or throws if the brokers do not
   * answer within {@link #START_WAIT}.
   */
  public void start() throws InterruptedException {
    thread.start();
    if (!ready.await(START_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("the log does not answer");
    }
  }

  /** Whether it reads, or tries to: its thread runs. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Whether the last attempt to read was answered. */
  public boolean isReading() {
    return reading;
  }

  /** How old the newest decision's command was when the decision was read; milliseconds. */
  public OptionalLong decisionDelayMillis() {
    return decisionDelayMillis;
  }

  /** How long before it was read here the newest change of views was told; milliseconds. */
  public OptionalLong wakeupDelayMillis() {
    return wakeupDelayMillis;
  }

  private void run() {
    try {
      while (!closing) {
        try {
          read();
        } catch (WakeupException e) {
          // Closing, which the loops see.
        } catch (KafkaException | UncheckedIOException e) {
          // Those who wait meanwhile time out; the thread must not die of it.
          reading = false;
          LOG.log(System.Logger.Level.WARNING, "ticks cannot be read now, trying again", e);
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
    } finally {
      consumer.close();
    }
  }

  /** Reads from the present end on. */
  private void read() {
    consumer.assign(assigned);
    consumer.seekToEnd(assigned);
    assigned.forEach(consumer::position);
    reading = true;
    ready.countDown();
    while (!closing) {
      for (var record : consumer.poll(POLL)) {
        Tick tick = LogJson.decode(record.value(), Tick.class);
        TraceContext cause = TraceContext.of(record.headers());
        if (cause != null
            && tick instanceof Tick.Visible visible
            && record.topic().equals(Topic.ROOM_TICKS.topicName())) {
          traced.accept(visible, cause);
        }
        measure(tick, System.currentTimeMillis() - record.timestamp());
        for (Consumer<Tick> sink : sinks) {
          sink.accept(tick);
        }
      }
    }
  }

  /** A decision has its command's time, and what a projector tells the time when it tells it. */
  private void measure(Tick tick, long ageMillis) {
    OptionalLong age = OptionalLong.of(Math.max(0, ageMillis));
    switch (tick) {
      case Tick.Decided _ -> decisionDelayMillis = age;
      case Tick.Visible _, Tick.Ephemeral _ -> wakeupDelayMillis = age;
    }
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
