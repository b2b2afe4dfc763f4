package org.headrace.topology.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the ends of partitions. One thread. */
final class TailReader implements AutoCloseable {
  private static final long FIRST_WINDOW_RECORDS = 256;
  private static final Duration POLL = Duration.ofMillis(200);

  /** Polls without a record in which a read gives up; a broker answers in one. */
  private static final int EMPTY_POLLS_MAX = 100;

  /**
   * At a partition's end the consumer has asked for more already; the next question waits that
   * long.
   */
  private static final int FETCH_WAIT_MILLIS_MAX = 5;

  private final KafkaConsumer<byte[], byte[]> consumer;

  TailReader(Map<String, Object> clientConfig) {
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS_MAX);
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
    return backTo(partition, end(partition), enough);
  }

  /** The same before this offset. */
  List<ConsumerRecord<byte[], byte[]>> backTo(
      TopicPartition partition, long end, Predicate<ConsumerRecord<byte[], byte[]>> enough) {
    long begin = begin(partition);
    for (long window = FIRST_WINDOW_RECORDS; ; window *= 4) {
      long from = Math.max(begin, end - window);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      read(partition, from, end, records::add);
      if (from == begin || records.stream().anyMatch(enough)) {
        return records;
      }
    }
  }

  /** The first offset that is still kept. */
  long begin(TopicPartition partition) {
    return Objects.requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
  }

  /** The record at this offset; null if there is none. */
  @Nullable ConsumerRecord<byte[], byte[]> at(TopicPartition partition, long offset) {
    if (offset < begin(partition) || offset >= end(partition)) {
      return null;
    }
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    read(partition, offset, offset + 1, found::add);
    return found.isEmpty() || found.getFirst().offset() != offset ? null : found.getFirst();
  }

  /** All records, in order. */
  void all(TopicPartition partition, Consumer<ConsumerRecord<byte[], byte[]>> to) {
    read(partition, begin(partition), end(partition), to);
  }

  private void read(
      TopicPartition partition, long from, long end, Consumer<ConsumerRecord<byte[], byte[]>> to) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    int empty = 0;
    while (consumer.position(partition) < end) {
      var polled = consumer.poll(POLL).records(partition);
      for (var record : polled) {
        if (record.offset() < end) {
          to.accept(record);
        }
      }
      empty = polled.isEmpty() ? empty + 1 : 0;
      if (empty > EMPTY_POLLS_MAX) {
        throw new IllegalStateException("no answer while reading the end of " + partition);
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
