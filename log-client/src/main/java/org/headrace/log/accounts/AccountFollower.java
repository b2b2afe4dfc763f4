package org.headrace.log.accounts;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Succession;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;

/**
 * Reads all of {@code account.log} from where it is told to begin, on a thread of its own, and says
 * up to when it has heard everything: a log, unlike ticks, tells a reader what it lacks.
 */
public final class AccountFollower implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration ENDS_WAIT = Duration.ofSeconds(5);

  /** How often it asks the brokers where the log ends. */
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final System.Logger LOG = System.getLogger(AccountFollower.class.getName());

  /**
   * Where to begin.
   *
   * @param reached the last record of the newest command that is known already
   */
  public record Begin(long offset, Position reached) {}

  /** Who wants to know; called by one thread, and must not block. */
  public interface Listener {
    /** Each record, once and in its partition's order. */
    void heard(AccountRecord record);

    /** All that the log held at this time, by the follower's clock, has been heard. */
    void heardAll(long nanos);
  }

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Heard> assigned = new LinkedHashMap<>();
  private final Listener listener;
  private final LongSupplier nowNanos;
  private final Thread thread;

  /** Where the log ended when it was last asked for; empty once that was reached. */
  private Map<TopicPartition, Long> ends = Map.of();

  private long askedNanos;
  private volatile OptionalLong heardAllNanos = OptionalLong.empty();
  private boolean warned;
  private volatile boolean closing;

  /** What was heard of a partition. */
  private static final class Heard {
    final Succession succession;
    final long begin;

    /** The newest that was not taken, since records before it are missing. */
    Position lacking = Position.NONE;

    Heard(Begin begin) {
      this.begin = begin.offset();
      succession = new Succession(begin.reached());
    }

    boolean isWhole() {
      return succession.expected().isAfter(lacking);
    }
  }

  /**
   * @param begin by partition
   * @param nowNanos a clock that never goes back
   */
  public AccountFollower(
      Map<String, Object> clientConfig,
      Partitions partitions,
      IntFunction<Begin> begin,
      Listener listener,
      LongSupplier nowNanos) {
    this(
        new KafkaConsumer<>(
            settings(clientConfig), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        partitions,
        begin,
        listener,
        nowNanos);
  }

  AccountFollower(
      Consumer<byte[], byte[]> consumer,
      Partitions partitions,
      IntFunction<Begin> begin,
      Listener listener,
      LongSupplier nowNanos) {
    this.consumer = consumer;
    this.listener = listener;
    this.nowNanos = nowNanos;
    for (int p = 0; p < partitions.count(Topic.Family.ACCOUNT); p++) {
      assigned.put(new TopicPartition(Topic.ACCOUNT_LOG.topicName(), p), new Heard(begin.apply(p)));
    }
    thread = Thread.ofPlatform().name("account-follower").unstarted(this::run);
  }

  private static Map<String, Object> settings(Map<String, Object> clientConfig) {
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return settings;
  }

  public void start() {
    thread.start();
  }

  /** How long ago all that the log held then had been heard; empty: never yet. */
  public OptionalLong heardAllAgoMillis() {
    OptionalLong heard = heardAllNanos;
    return heard.isEmpty()
        ? heard
        : OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(nowNanos.getAsLong() - heard.getAsLong()));
  }

  private void run() {
    try (consumer) {
      begin();
      while (!closing) {
        try {
          read();
        } catch (WakeupException e) {
          // Closing, which the loop sees.
        } catch (InvalidOffsetException e) {
          LOG.log(System.Logger.Level.ERROR, "the log of accounts was cut, none is heard now", e);
          return;
        } catch (KafkaException e) {
          failed(e);
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
    } catch (UncheckedIOException e) {
      // Of a newer version, perhaps: who does not understand the log does not know what ended.
      LOG.log(System.Logger.Level.ERROR, "a record of accounts is unknown, none is heard now", e);
    }
  }

  void begin() {
    consumer.assign(assigned.keySet());
    assigned.forEach((partition, heard) -> consumer.seek(partition, heard.begin));
    askedNanos = nowNanos.getAsLong() - ASK_NANOS;
  }

  /** Brokers that are away come back; rights that are missing want somebody to give them. */
  void failed(KafkaException e) {
    boolean refused = e instanceof AuthorizationException || e instanceof AuthenticationException;
    if (refused && !warned) {
      warned = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "the log of accounts may not be read, so that no session stands in while the views are"
              + " away: "
              + e);
    } else {
      LOG.log(System.Logger.Level.DEBUG, "accounts cannot be followed now", e);
    }
  }

  void read() {
    for (var record : consumer.poll(POLL)) {
      Heard heard = assigned.get(new TopicPartition(record.topic(), record.partition()));
      hear(Objects.requireNonNull(heard), LogJson.decode(record.value(), AccountRecord.class));
    }
    long now = nowNanos.getAsLong();
    if (ends.isEmpty() && now - askedNanos >= ASK_NANOS) {
      askedNanos = now;
      ends = consumer.endOffsets(assigned.keySet(), ENDS_WAIT);
    }
    if (!ends.isEmpty() && isAtEnds()) {
      ends = Map.of();
      heardAllNanos = OptionalLong.of(askedNanos);
      warned = false;
      listener.heardAll(askedNanos);
    }
  }

  private boolean isAtEnds() {
    return ends.entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())
        && assigned.values().stream().allMatch(Heard::isWhole);
  }

  private void hear(Heard heard, AccountRecord record) {
    switch (heard.succession.accept(record.position(), record.last())) {
      case NEXT -> listener.heard(record);
      case REPEAT -> {}
      case GAP ->
          heard.lacking =
              record.position().isAfter(heard.lacking) ? record.position() : heard.lacking;
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
