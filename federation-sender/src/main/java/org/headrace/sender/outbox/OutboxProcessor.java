package org.headrace.sender.outbox;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link Outbox} over one partition of rooms; what it yields goes to {@code federation.queue}.
 */
public final class OutboxProcessor implements Processor<byte[], byte[], QueueKey, byte[]> {
  public static final String STORE = "servers";

  private final Tenants tenants;
  private @Nullable ProcessorContext<QueueKey, byte[]> context;
  private @Nullable Outbox outbox;

  public OutboxProcessor(Tenants tenants) {
    this.tenants = tenants;
  }

  @Override
  public void init(ProcessorContext<QueueKey, byte[]> context) {
    this.context = context;
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(STORE);
    outbox = new Outbox(new RoomServers(store), tenants);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    var metadata = Objects.requireNonNull(context).recordMetadata().orElseThrow();
    for (Outbox.Queued queued : queued(metadata.topic(), record.value())) {
      byte[] value = LogJson.encode(queued.record());
      context.forward(new Record<>(queued.key(), value, record.timestamp()));
    }
  }

  private List<Outbox.Queued> queued(String topic, byte[] value) {
    Outbox rules = Objects.requireNonNull(outbox);
    if (topic.equals(Topic.ROOM_LOG.topicName())) {
      return rules.of(LogJson.decode(value, RoomRecord.class));
    }
    if (topic.equals(Topic.TYPING.topicName())) {
      return rules.of(LogJson.decode(value, TypingRecord.class));
    }
    if (topic.equals(Topic.RECEIPTS.topicName())) {
      return rules.of(LogJson.decode(value, ReceiptRecord.class));
    }
    throw new IllegalStateException("no records of " + topic + " are expected");
  }

  /** The bytes of a queue's record key. */
  public static byte[] keyBytes(QueueKey key) {
    return key.recordKey().getBytes(StandardCharsets.UTF_8);
  }
}
