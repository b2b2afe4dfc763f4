package org.headrace.sender.app;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.sender.delivery.StatusLog;

/**
 * {@code federation.status}. A status that is lost costs a transaction that is sent twice, so
 * nobody waits for it to be stored.
 */
final class KafkaStatusLog implements StatusLog, AutoCloseable {
  private final KafkaProducer<String, byte[]> producer;
  private final Partitions partitions;

  KafkaStatusLog(Map<String, Object> clientConfig, Partitions partitions) {
    this.partitions = partitions;
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  @Override
  public void put(QueueKey queue, DestinationStatus status) {
    int partition = partitions.of(Topic.FEDERATION_STATUS.family(), queue.recordKey());
    producer.send(
        new ProducerRecord<>(
            Topic.FEDERATION_STATUS.topicName(),
            partition,
            queue.recordKey(),
            LogJson.encode(status)));
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
