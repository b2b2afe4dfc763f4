package org.headrace.sender.app;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenants;
import org.headrace.sender.delivery.Assembly;
import org.headrace.sender.delivery.Deliveries;
import org.headrace.sender.delivery.TransactionClient;

/**
 * The sender: its topology and the deliveries that it feeds. At-least-once: after a crash a
 * transaction may be sent again, under the id of the same bytes.
 */
public final class FederationSender implements AutoCloseable {
  static final String NAME = "federation-sender";
  private static final int COMMIT_INTERVAL_MILLIS = 1_000;
  private static final int SESSION_TIMEOUT_MILLIS = 10_000;
  private static final int CHANGELOG_SEGMENT_BYTES = 16 * 1024 * 1024;

  private final KafkaStreams streams;
  private final KafkaStatusLog statuses;
  private final Deliveries deliveries;
  private final CountDownLatch running = new CountDownLatch(1);

  /**
   * @param storeSettings RocksDB of the stores
   * @param instance this process's name among the sender's members, stable over restarts
   * @param standbys how many further processes keep a copy of each store
   * @param rooms as the views have them
   * @param alarm told in one line what an operator must know
   */
  public FederationSender(
      Tenants tenants,
      Partitions partitions,
      Map<String, Object> clientConfig,
      Path stateFolder,
      Class<? extends RocksDBConfigSetter> storeSettings,
      String instance,
      int standbys,
      RoomsView rooms,
      Assembly assembly,
      TransactionClient client,
      Consumer<String> alarm) {
    statuses = new KafkaStatusLog(clientConfig, partitions);
    deliveries =
        new Deliveries(
            new StreamsQueueReader(this::streams),
            assembly,
            client,
            statuses,
            InstantSource.system(),
            RandomGenerator.getDefault(),
            alarm);
    streams =
        new KafkaStreams(
            SenderTopology.of(
                tenants,
                rooms,
                deliveries,
                partitions,
                Map.of(
                    TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(CHANGELOG_SEGMENT_BYTES))),
            settings(clientConfig, stateFolder, storeSettings, instance, standbys));
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    streams.setUncaughtExceptionHandler(
        e -> {
          alarm.accept(NAME + ": " + e + "; going on from its last commit");
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
  }

  private KafkaStreams streams() {
    return streams;
  }

  public void start() {
    streams.start();
  }

  /** Waits until the queues are restored. */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return running.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether its queues are restored and it sends. */
  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public void close() {
    deliveries.close();
    streams.close(Duration.ofSeconds(8));
    statuses.close();
  }

  private static Properties settings(
      Map<String, Object> clientConfig,
      Path stateFolder,
      Class<? extends RocksDBConfigSetter> storeSettings,
      String instance,
      int standbys) {
    Properties settings = new Properties();
    settings.putAll(clientConfig);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, NAME);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standbys);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MILLIS);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, storeSettings);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        SESSION_TIMEOUT_MILLIS);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        SESSION_TIMEOUT_MILLIS / 5);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instance);
    // Who is in which room is told from the beginning on.
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    return settings;
  }
}
