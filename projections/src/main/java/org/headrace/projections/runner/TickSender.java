package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends ticks and forgets them: a lost one costs its waiter a second, never correctness (design
 * D4).
 */
final class TickSender implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;

  TickSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /** {@code cause}: the span of what the tick tells; null if that is in no trace. */
  void send(Topic topic, int partition, Tick tick, @Nullable TraceContext cause) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic.topicName(),
            partition,
            tick.key().getBytes(StandardCharsets.UTF_8),
            LogJson.encode(tick));
    TraceContext.put(record.headers(), cause);
    producer.send(record);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
