package org.headrace.log.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.trace.Subject;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/** The command log over Kafka. No transactions: positions are dense (design D2). */
public final class KafkaCommandLog implements CommandLog, AutoCloseable {
  private static final String EVENT_ID = "event_id";

  /** Of no room and no account. */
  private static final String PAD_KEY = "!pad";

  private static final int DELIVERY_TIMEOUT_MILLIS = 30_000;
  private static final int REQUEST_TIMEOUT_MILLIS = 10_000;

  /**
   * Requests under way at once: while the broker flushes one, the next batch gathers, so that many
   * commands share a flush.
   */
  private static final int REQUESTS_IN_FLIGHT_MAX = 2;

  private final KafkaProducer<String, byte[]> producer;
  private final Partitions partitions;
  private final Outcomes outcomes;
  private final Pace pace;
  private final Supplier<byte[]> entropy;
  private final Supplier<Traces.Span> request;

  /**
   * @param outcomes is fed by the tick reader of this process
   * @param entropy 16 random bytes at each call, for command ids
   * @param request the span of the request that the calling thread serves
   */
  public KafkaCommandLog(
      Map<String, Object> clientConfig,
      Partitions partitions,
      Outcomes outcomes,
      Supplier<byte[]> entropy,
      Supplier<Traces.Span> request) {
    this.partitions = partitions;
    this.outcomes = outcomes;
    this.pace = new Pace(outcomes);
    this.entropy = entropy;
    this.request = request;
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, REQUESTS_IN_FLIGHT_MAX);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MILLIS);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_TIMEOUT_MILLIS);
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  @Override
  public String newId() {
    return HexFormat.of().formatHex(entropy.get());
  }

  @Override
  public Outcome submit(RoomCommand command, Duration wait) {
    request.get().about(new Subject(command.roomId(), null));
    return told(
        submit(
            Topic.ROOM_COMMANDS,
            command.roomId().value(),
            command,
            command.ts(),
            command.id(),
            wait));
  }

  @Override
  public Outcome submit(AccountCommand command, Duration wait) {
    return submit(command, command.id(), wait);
  }

  @Override
  public Outcome submit(AccountCommand command, String outcomeId, Duration wait) {
    if (outcomeId.equals(command.id())) {
      return submit(Topic.ACCOUNT_COMMANDS, command.key(), command, command.ts(), outcomeId, wait);
    }
    // A saga: its first step may refuse, its last one answers.
    try (var first = outcomes.expect(command.id());
        var last = outcomes.expect(outcomeId)) {
      await(send(Topic.ACCOUNT_COMMANDS, command.key(), command, command.ts()), wait);
      Outcome outcome = first.await(wait);
      return outcome instanceof Outcome.Failed ? outcome : last.await(wait);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public Outcome submit(RoomCommand command, String outcomeId, Duration wait) {
    request.get().about(new Subject(command.roomId(), null));
    try (var first = outcomes.expect(command.id());
        var last = outcomes.expect(outcomeId)) {
      await(send(Topic.ROOM_COMMANDS, command.roomId().value(), command, command.ts()), wait);
      Outcome outcome = first.await(wait);
      boolean pending =
          outcome instanceof Outcome.Done done
              && done.result().path(Pending.MEMBER).asText().equals(outcomeId);
      return told(pending ? last.await(wait) : outcome);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void publish(List<RoomCommand> commands) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (RoomCommand command : commands) {
      sent.add(send(Topic.ROOM_COMMANDS, command.roomId().value(), command, command.ts()));
    }
    sent.forEach(future -> await(future, WAIT));
  }

  @Override
  public void publishPaced(List<RoomCommand> commands) {
    try {
      pace.publish(commands, this::publish);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void publish(QueueKey queue, QueueRecord record) {
    await(send(Topic.FEDERATION_QUEUE, queue.recordKey(), record, null), WAIT);
  }

  @Override
  public void publish(AccountCommand command) {
    await(send(Topic.ACCOUNT_COMMANDS, command.key(), command, command.ts()), WAIT);
  }

  @Override
  public void publish(TypingRecord typing) {
    await(send(Topic.TYPING, typing.roomId().value(), typing.roomId().value(), typing, null), WAIT);
  }

  @Override
  public void publish(ReceiptRecord receipt) {
    await(
        send(Topic.RECEIPTS, receipt.recordKey(), receipt.roomId().value(), receipt, receipt.ts()),
        WAIT);
  }

  @Override
  public void publish(PresenceRecord presence) {
    await(send(Topic.PRESENCE, presence.user().value(), presence, null), WAIT);
  }

  /**
   * Sends a command that changes nothing through every partition and waits until it is visible:
   * then all that was in the log before is decided and can be read. Throws {@link
   * NoAnswerException}.
   */
  public void awaitReadable(Duration wait) throws InterruptedException {
    for (Topic topic : List.of(Topic.ROOM_COMMANDS, Topic.ACCOUNT_COMMANDS)) {
      for (int partition = 0; partition < partitions.count(topic.family()); partition++) {
        String id = newId();
        try (var expected = outcomes.expect(id)) {
          byte[] pad = LogJson.encode(pad(topic, id));
          await(
              producer.send(new ProducerRecord<>(topic.topicName(), partition, PAD_KEY, pad)),
              wait);
          expected.awaitVisible(wait);
        }
      }
    }
  }

  private static Object pad(Topic topic, String id) {
    long now = System.currentTimeMillis();
    return topic == Topic.ROOM_COMMANDS
        ? new RoomCommand.Pad(id, now, new RoomId(PAD_KEY), 0, List.of())
        : new AccountCommand.Pad(id, now, PAD_KEY, 0, List.of());
  }

  private Outcome submit(
      Topic topic, String key, Object command, long ts, String outcomeId, Duration wait) {
    try (var expected = outcomes.expect(outcomeId)) {
      await(send(topic, key, command, ts), wait);
      return expected.await(wait);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Future<RecordMetadata> send(Topic topic, String key, Object value, @Nullable Long ts) {
    return send(topic, key, key, value, ts);
  }

  private Future<RecordMetadata> send(
      Topic topic, String key, String routedBy, Object value, @Nullable Long ts) {
    int partition = partitions.of(topic.family(), routedBy);
    ProducerRecord<String, byte[]> record =
        new ProducerRecord<>(topic.topicName(), partition, ts, key, LogJson.encode(value));
    TraceContext.put(record.headers(), request.get().context());
    return producer.send(record);
  }

  /** The request's span tells which event it made. */
  private Outcome told(Outcome outcome) {
    Traces.Span span = request.get();
    if (span.context() != null && outcome instanceof Outcome.Done done) {
      String id = done.result().path(EVENT_ID).asText();
      try {
        span.about(new Subject(null, new EventId(id)));
      } catch (InvalidIdException e) {
        // It made none.
      }
    }
    return outcome;
  }

  private static void await(Future<RecordMetadata> sent, Duration wait) {
    try {
      sent.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new NoAnswerException("the log did not take the request in time; it may still do so");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException) {
        throw new NoAnswerException("the log is not available now; try again later");
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static NoAnswerException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new NoAnswerException("the server is shutting down");
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
