package org.headrace.topology.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the ends of partitions. One thread. */
final class TailReader implements AutoCloseable {
  private static final long FIRST_WINDOW_RECORDS = 256;
  private static final Duration POLL = Duration.ofMillis(200);

  /** Polls without a record in which a read gives up; a broker answers in one. */
  private static final int EMPTY_POLLS_MAX = 100;

  private final KafkaConsumer<byte[], byte[]> consumer;

  TailReader(Map<String, Object> clientConfig) {
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  long end(TopicPartition partition) {
    return Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
  }

  /**
   * Records from the end backwards in growing windows until one satisfies {@code enough} or the
   * beginning is reached; in order.
   */
  List<ConsumerRecord<byte[], byte[]>> backTo(
      TopicPartition partition, Predicate<ConsumerRecord<byte[], byte[]>> enough) {
    long begin =
        Objects.requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
    long end = end(partition);
    for (long window = FIRST_WINDOW_RECORDS; ; window *= 4) {
      long from = Math.max(begin, end - window);
      var records = read(partition, from, end);
      if (from == begin || records.stream().anyMatch(enough)) {
        return records;
      }
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> read(TopicPartition partition, long from, long end) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    int empty = 0;
    while (consumer.position(partition) < end) {
      var polled = consumer.poll(POLL).records(partition);
      records.addAll(polled);
      empty = polled.isEmpty() ? empty + 1 : 0;
      if (empty > EMPTY_POLLS_MAX) {
        throw new IllegalStateException("no answer while reading the end of " + partition);
      }
    }
    return records;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
