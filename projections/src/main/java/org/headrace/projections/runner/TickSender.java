package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tick.Tick;

/**
 * Sends ticks and forgets them: a lost one costs its waiter a second, never correctness (design
 * D4).
 */
final class TickSender implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;

  TickSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  void send(Topic topic, int partition, Tick tick) {
    producer.send(
        new ProducerRecord<>(
            topic.topicName(),
            partition,
            tick.key().getBytes(StandardCharsets.UTF_8),
            LogJson.encode(tick)));
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
