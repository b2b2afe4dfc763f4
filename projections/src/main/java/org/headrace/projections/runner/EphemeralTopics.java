package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.schema.log.Topic;

/**
 * The topics whose positions are their own offsets. A power cut may take their ends, and clients
 * hold tokens past it: before anyone writes there again, empty records fill the offsets that the
 * views have shown, so that none is used twice (design D3).
 */
final class EphemeralTopics {
  /** Of no room and no receipt. */
  private static final byte[] KEY = "!pad".getBytes(StandardCharsets.UTF_8);

  private EphemeralTopics() {}

  /** Returns what was found and done, a line each. */
  static List<String> fill(
      List<Topic> topics,
      int partitions,
      ViewWriter views,
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer) {
    List<String> report = new ArrayList<>();
    for (Topic topic : topics) {
      for (int p = 0; p < partitions; p++) {
        TopicPartition source = new TopicPartition(topic.topicName(), p);
        // In this order: another projector may be at work.
        long shown = views.shown(topic, p).nextOffset();
        Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(source));
        long missing = shown - ends.getOrDefault(source, 0L);
        if (missing > 0) {
          fill(source, missing, producer);
          report.add(
              source + ": " + missing + " records are missing; their positions are not used again");
        }
      }
    }
    return report;
  }

  private static void fill(TopicPartition source, long count, Producer<byte[], byte[]> producer) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      sent.add(producer.send(new ProducerRecord<>(source.topic(), source.partition(), KEY, null)));
    }
    try {
      for (var record : sent) {
        record.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(source + " could not be filled", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(source + " could not be filled", e);
    }
  }
}
