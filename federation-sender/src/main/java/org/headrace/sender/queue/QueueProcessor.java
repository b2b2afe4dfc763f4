package org.headrace.sender.queue;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.jspecify.annotations.Nullable;

/** Folds one partition of {@code federation.queue} and {@code federation.status} into its store. */
public final class QueueProcessor implements Processor<byte[], byte[], Void, Void> {
  public static final String STORE = "queues";

  private final QueueListener listener;
  private @Nullable Queues queues;
  private @Nullable ProcessorContext<Void, Void> context;

  public QueueProcessor(QueueListener listener) {
    this.listener = listener;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    this.context = context;
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(STORE);
    Queues restored = new Queues(store);
    queues = restored;
    int partition = context.taskId().partition();
    restored.waiting().forEach(queue -> listener.ready(partition, queue));
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (record.key() == null || record.value() == null) {
      return;
    }
    var metadata = Objects.requireNonNull(context).recordMetadata().orElseThrow();
    QueueKey queue = QueueKey.of(new String(record.key(), StandardCharsets.UTF_8));
    Queues folded = Objects.requireNonNull(queues);
    if (metadata.topic().equals(Topic.FEDERATION_STATUS.topicName())) {
      folded.acknowledge(queue, LogJson.decode(record.value(), DestinationStatus.class));
      return;
    }
    QueueRecord queued = LogJson.decode(record.value(), QueueRecord.class);
    if (queued instanceof QueueRecord.Wake) {
      listener.wake(metadata.partition(), queue);
      return;
    }
    folded.add(queue, new QueuedEntry(metadata.offset(), record.timestamp(), queued));
    listener.ready(metadata.partition(), queue);
  }

  @Override
  public void close() {
    if (context != null) {
      listener.lost(context.taskId().partition());
    }
  }
}
