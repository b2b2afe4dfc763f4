package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.RecordHeader;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.trace.TraceContext;

/** Topics of one partition in memory, handed to consumers in portions. */
final class FakeBroker {
  static final Partitions PARTITIONS = new Partitions(1, 1);

  private final Map<Topic, List<ConsumerRecord<byte[], byte[]>>> topics = new TreeMap<>();

  void log(LogRecord record, long ts) {
    boolean isRoom = record instanceof RoomRecord;
    String key =
        record instanceof RoomRecord room ? room.roomId().value() : ((AccountRecord) record).key();
    append(
        isRoom ? Topic.ROOM_LOG : Topic.ACCOUNT_LOG,
        key,
        LogJson.encode(record),
        record.position(),
        ts);
  }

  void body(String key, String body, Position command) {
    append(
        Topic.ROOM_BODIES,
        key,
        body == null ? null : body.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        command,
        0);
  }

  void item(AccountItem item) {
    append(
        Topic.ACCOUNT_ITEMS,
        item.recordKey(),
        LogJson.encode(item),
        // As the topology does: the command's position, not the item's own.
        Position.of(item.position().epoch(), item.position().offset(), 0),
        0);
  }

  void itemGone(AccountItem item, Position command) {
    append(Topic.ACCOUNT_ITEMS, item.recordKey(), null, command, 0);
  }

  /** Puts the last record of a topic into a trace. */
  void trace(Topic topic, TraceContext cause) {
    TraceContext.put(topics.get(topic).getLast().headers(), cause);
  }

  void append(Topic topic, String key, byte[] value, Position command, long ts) {
    RecordHeaders headers = new RecordHeaders();
    if (command != null) {
      headers.add(RecordHeader.POSITION, RecordHeader.encode(command));
    }
    var records = topics.computeIfAbsent(topic, t -> new ArrayList<>());
    records.add(
        new ConsumerRecord<>(
            topic.topicName(),
            0,
            records.size(),
            ts,
            TimestampType.CREATE_TIME,
            0,
            0,
            key.getBytes(StandardCharsets.UTF_8),
            value,
            headers,
            Optional.empty()));
  }

  /** Takes the last records off a topic, as a power cut does. */
  void cut(Topic topic, int count) {
    var records = topics.get(topic);
    records.subList(records.size() - count, records.size()).clear();
  }

  int checksum(Topic topic, int offset) {
    return Checksum.of(topics.get(topic).get(offset));
  }

  int end(Topic topic) {
    return topics.getOrDefault(topic, List.of()).size();
  }

  MockConsumer<byte[], byte[]> consumer() {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    for (Topic topic : Topic.values()) {
      consumer.updateBeginningOffsets(Map.of(source(topic), 0L));
      consumer.updateEndOffsets(Map.of(source(topic), (long) end(topic)));
    }
    return consumer;
  }

  /** Gives a consumer the next records of a topic that it has not seen, {@code count} at most. */
  void deliver(MockConsumer<byte[], byte[]> consumer, Topic topic, int count) {
    consumer.updateEndOffsets(Map.of(source(topic), (long) end(topic)));
    if (!consumer.assignment().contains(source(topic))) {
      return;
    }
    int from = (int) consumer.position(source(topic));
    for (int i = from; i < Math.min(end(topic), from + count); i++) {
      consumer.addRecord(topics.get(topic).get(i));
    }
  }

  private static TopicPartition source(Topic topic) {
    return new TopicPartition(topic.topicName(), 0);
  }
}
