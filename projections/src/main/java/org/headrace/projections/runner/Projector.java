package org.headrace.projections.runner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the views at the ends of the logs: one thread for rooms, one for accounts. Reads
 * uncommitted (the topologies use no transactions), as soon as a record is there, and tells by
 * ticks what became visible. Alone, or with others on the same views: then a consumer group says
 * who has which partitions.
 */
public final class Projector implements AutoCloseable {
  private static final int POLL_RECORDS_MAX = 2_000;
  private static final int FETCH_BYTES_MAX = 4 << 20;
  private static final int PARTITION_FETCH_BYTES_MAX = 1 << 20;
  private static final int FETCH_WAIT_MILLIS = 500;
  private static final long TICK_BUFFER_BYTES = 4L << 20;
  private static final int TICK_DELIVERY_MILLIS = 5_000;
  private static final long CLOSE_MILLIS = 10_000;

  /** A member that is silent for so long loses its partitions to the others. */
  private static final int SESSION_TIMEOUT_MILLIS = 6_000;

  private final Map<String, Object> kafkaClientConfig;
  private final Partitions partitions;
  private final ViewWriter views;
  private final @Nullable String node;
  private final java.util.function.Consumer<String> alarm;
  private final TickSender ticks;
  private final List<FamilyLoop> loops = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /** How far the views of one partition of a log are behind it. */
  public record Lag(Topic topic, int partition, long records) {}

  /** The only one on these views, with all partitions. */
  public static Projector alone(
      Map<String, Object> kafkaClientConfig,
      Partitions partitions,
      ViewWriter views,
      Traces traces,
      java.util.function.Consumer<String> alarm) {
    // It is in no group, so that nobody can take its name.
    return new Projector(kafkaClientConfig, partitions, views, traces, null, alarm, alarm);
  }

  /**
   * One of several on the same views.
   *
   * @param node this process's name among them, the same after a restart
   * @param fatal told in one line why this process must end
   */
  public static Projector shared(
      Map<String, Object> kafkaClientConfig,
      Partitions partitions,
      ViewWriter views,
      Traces traces,
      String node,
      java.util.function.Consumer<String> alarm,
      java.util.function.Consumer<String> fatal) {
    return new Projector(kafkaClientConfig, partitions, views, traces, node, alarm, fatal);
  }

  /**
   * @param kafkaClientConfig where the brokers are and how to be known to them
   * @param alarm takes one line for the operator
   */
  private Projector(
      Map<String, Object> kafkaClientConfig,
      Partitions partitions,
      ViewWriter views,
      Traces traces,
      @Nullable String node,
      java.util.function.Consumer<String> alarm,
      java.util.function.Consumer<String> fatal) {
    this.kafkaClientConfig = Map.copyOf(kafkaClientConfig);
    this.node = node;
    this.partitions = partitions;
    this.views = views;
    this.alarm = alarm;
    this.ticks = new TickSender(new KafkaProducer<>(producerConfig()));
    for (FamilyFold fold : List.of(new RoomFamily(), new AccountFamily())) {
      loops.add(
          new FamilyLoop(
              fold,
              partitions.count(fold.family()),
              node != null,
              views,
              ticks,
              traces,
              () -> new KafkaConsumer<>(consumerConfig(fold)),
              alarm,
              fatal,
              System::currentTimeMillis));
    }
  }

  public void start() {
    fillEphemeral();
    for (FamilyLoop loop : loops) {
      threads.add(Thread.ofPlatform().name("projector-" + loop.name()).daemon(true).start(loop));
    }
  }

  private void fillEphemeral() {
    List<FamilyFold> folds = loops.stream().map(FamilyLoop::fold).toList();
    Map<String, Object> config = producerConfig();
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    Map<String, Object> reading = consumerConfig(folds.getFirst());
    reading.remove(ConsumerConfig.GROUP_ID_CONFIG);
    reading.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(reading);
        Producer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      for (FamilyFold fold : folds) {
        EphemeralTopics.fill(
                fold.ephemeral(), partitions.count(fold.family()), views, consumer, producer)
            .forEach(alarm);
      }
    }
  }

  /** Waits until the views hold what the logs held at the start; false if that takes longer. */
  public boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    for (FamilyLoop loop : loops) {
      if (!loop.awaitCaughtUp(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
        return false;
      }
    }
    return true;
  }

  /** Whether it has its partitions, and has been at the ends of their logs once. */
  public boolean isCaughtUp() {
    return loops.stream().allMatch(FamilyLoop::isCaughtUp);
  }

  /** Whether all its threads run. */
  public boolean isAlive() {
    return threads.size() == loops.size() && threads.stream().allMatch(Thread::isAlive);
  }

  /** How old a family's newest command was when its rows were written; milliseconds. */
  public OptionalLong delayMillis(Topic.Family family) {
    return loops.stream()
        .filter(loop -> loop.fold().family() == family)
        .findFirst()
        .map(FamilyLoop::delayMillis)
        .orElse(OptionalLong.empty());
  }

  /** How far the partitions that it has are behind. */
  public List<Lag> lags() {
    List<Lag> lags = new ArrayList<>();
    for (FamilyLoop loop : loops) {
      loop.lags().forEach((p, records) -> lags.add(new Lag(loop.fold().log(), p, records)));
    }
    return lags;
  }

  /** The newest position of this topic that the views hold. */
  public Position reached(Topic topic, int partition) {
    return views.checkpoint(topic, partition).reached();
  }

  @Override
  public void close() {
    loops.forEach(FamilyLoop::close);
    for (Thread thread : threads) {
      try {
        thread.join(CLOSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ticks.close();
  }

  private Map<String, Object> consumerConfig(FamilyFold fold) {
    Map<String, Object> config = new HashMap<>(kafkaClientConfig);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, "projector-" + fold.log().topicName());
    config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES_MAX);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS_MAX);
    if (node != null) {
      String group = "projector-" + fold.family().name().toLowerCase(Locale.ROOT);
      config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
      config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, group + "-" + node);
      config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
      config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, SESSION_TIMEOUT_MILLIS / 5);
      // Per topic in order of the members: one number of all topics goes to one member.
      config.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    }
    return config;
  }

  private Map<String, Object> producerConfig() {
    Map<String, Object> config = new HashMap<>(kafkaClientConfig);
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "projector-ticks");
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.ACKS_CONFIG, "1");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, TICK_BUFFER_BYTES);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TICK_DELIVERY_MILLIS);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TICK_DELIVERY_MILLIS);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (long) TICK_DELIVERY_MILLIS);
    return config;
  }
}
