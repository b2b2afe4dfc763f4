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
import org.apache.kafka.streams.StreamsConfig;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.processor.MachineTopology;

/** One running topology: its Streams settings and life cycle. {@link Recovery} runs before it. */
public final class TopologyApp implements AutoCloseable {
  /**
   * Output that is not stored in time fails the task, which decides its commands again (design D2).
   * Longer than a broker's restart would take commits past lost output.
   */
  private static final int DELIVERY_TIMEOUT_MILLIS = 10_000;

  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;
  private static final int COMMIT_INTERVAL_MILLIS = 1_000;

  /**
   * A killed process's member is replaced by its successor's; this is for one that does not return:
   * less than a client's write waits, and no less than brokers allow as they come.
   */
  private static final int SESSION_TIMEOUT_MILLIS = 6_000;

  private static final int CHANGELOG_SEGMENT_BYTES = 16 * 1024 * 1024;

  private final KafkaStreams streams;
  private final CountDownLatch running = new CountDownLatch(1);

  /**
   * This process among those that run a topology.
   *
   * @param instance its name among them, stable over restarts and nobody else's
   * @param threads that decide
   * @param standbys how many further processes keep a copy of each store
   */
  public record Member(String instance, int threads, int standbys) {}

  /**
   * @param clientConfig how to reach the brokers
   * @param traces are told of decisions
   * @param alarm told in one line when a thread dies of an exception and is replaced
   * @param fatal told in one line why this process must end; see {@link ThreadFailure}
   */
  public <C, R extends LogRecord> TopologyApp(
      MachineDefinition<C, R> definition,
      Partitions partitions,
      Map<String, Object> clientConfig,
      Path stateFolder,
      Member member,
      Traces traces,
      Consumer<String> alarm,
      Consumer<String> fatal) {
    Map<String, String> changelog =
        Map.of(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(CHANGELOG_SEGMENT_BYTES));
    streams =
        new KafkaStreams(
            MachineTopology.of(definition, partitions, changelog, traces),
            settings(definition.name(), clientConfig, stateFolder, member));
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) {
            running.countDown();
          }
        });
    streams.setUncaughtExceptionHandler(new ThreadFailure(definition.name(), alarm, fatal));
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

  /** Stops deciding; as a static member it keeps its tasks for its session's time. */
  @Override
  public void close() {
    streams.close(Duration.ofSeconds(8));
  }

  private static Properties settings(
      String name, Map<String, Object> clientConfig, Path stateFolder, Member member) {
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
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "none");
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
