package org.headrace.topology.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * A running Kafka Streams application: settings with which nothing is committed past that is not
 * stored, what follows when a thread dies, and its life cycle. The topologies and the federation
 * sender are such.
 */
public final class StreamsApp implements AutoCloseable {
  /**
   * Output that is not stored in time fails the task, which yields it again (design D2). Longer
   * than a broker's restart would take commits past lost output.
   */
  private static final int DELIVERY_TIMEOUT_MILLIS = 10_000;

  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;
  private static final int COMMIT_INTERVAL_MILLIS = 1_000;

  /**
   * A killed process's member is replaced by its successor's; this is for one that does not return:
   * less than a client's write waits, and no less than brokers allow as they come.
   */
  private static final int SESSION_TIMEOUT_MILLIS = 6_000;

  /** Settings of its stores' changelogs, which are topics. */
  public static final Map<String, String> CHANGELOG =
      Map.of(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(16 * 1024 * 1024));

  /** Where it begins of a partition of which it is not known how far it is. */
  public enum Begin {
    /** At the first record. */
    EARLIEST,
    /** Nowhere: somebody must say so first. */
    NONE
  }

  /**
   * This process among those that run an application.
   *
   * @param instance its name among them, stable over restarts and nobody else's
   * @param threads that work
   * @param standbys how many further processes keep a copy of each store
   */
  public record Member(String instance, int threads, int standbys) {}

  private final KafkaStreams streams;
  private final CountDownLatch running = new CountDownLatch(1);

  /**
   * @param name of the application: its group's, and of its stores' changelogs the beginning
   * @param clientConfig how to reach the brokers
   * @param alarm told in one line when a thread dies of an exception and is replaced
   * @param fatal told in one line why this process must end; see {@link ThreadFailure}
   */
  public StreamsApp(
      String name,
      Topology topology,
      Map<String, Object> clientConfig,
      Path stateFolder,
      Member member,
      Begin begin,
      Consumer<String> alarm,
      Consumer<String> fatal) {
    streams = new KafkaStreams(topology, settings(name, clientConfig, stateFolder, member, begin));
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    streams.setUncaughtExceptionHandler(new ThreadFailure(name, alarm, fatal));
  }

  public void start() {
    streams.start();
  }

  /** Waits until every task runs with its store restored. */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return running.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether its tasks, of which it may have none, run with their stores restored. */
  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Whether it runs or comes to: false once nothing but a new process can help. */
  public boolean isAlive() {
    return streams.state().isRunningOrRebalancing()
        || streams.state() == KafkaStreams.State.CREATED;
  }

  /** What it measures; the names are Kafka Streams' own. */
  public Map<MetricName, ? extends Metric> metrics() {
    return streams.metrics();
  }

  /** A store of a task that this process has. */
  public <T> T store(StoreQueryParameters<T> store) {
    return streams.store(store);
  }

  /** Stops; as a static member it keeps its tasks for its session's time. */
  @Override
  public void close() {
    streams.close(Duration.ofSeconds(8));
  }

  static Properties settings(
      String name, Map<String, Object> clientConfig, Path stateFolder, Member member, Begin begin) {
    Properties settings = new Properties();
    settings.putAll(clientConfig);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, member.threads());
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, member.standbys());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MILLIS);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
    settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.NO_OPTIMIZATION);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreSettings.class);
    settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, FailOnOutputError.class);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 1000);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        SESSION_TIMEOUT_MILLIS);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        SESSION_TIMEOUT_MILLIS / 5);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        member.instance());
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG),
        switch (begin) {
          case EARLIEST -> "earliest";
          case NONE -> "none";
        });
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 1);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG),
        DELIVERY_TIMEOUT_MILLIS);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG),
        REQUEST_TIMEOUT_MILLIS);
    return settings;
  }
}
