package org.headrace.log.effects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.log.LoggedLines;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EffectReaderTest {
  private static final TopicPartition ONE = partition(0);
  private static final TopicPartition OTHER = partition(1);
  private static final byte[] UNKNOWN =
      "{\"kind\":\"of_a_newer_version\",\"id\":\"secret\"}".getBytes(StandardCharsets.UTF_8);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final List<String> worked = new ArrayList<>();
  private final LoggedLines logged = new LoggedLines(EffectReader.class);

  @BeforeEach
  void begin() {
    consumer.updateBeginningOffsets(Map.of(ONE, 0L, OTHER, 0L));
  }

  @AfterEach
  void end() {
    logged.close();
  }

  @Test
  void anUnknownEffectStopsItsPartitionAloneAndIsToldOnce() {
    EffectReader reader = reader(new ArrayList<>()::add);
    take(reader);
    add(ONE, 0, effect("a"));
    add(ONE, 1, UNKNOWN);
    add(ONE, 2, effect("b"));
    add(OTHER, 0, effect("c"));
    reader.step();
    add(ONE, 3, effect("d"));
    add(OTHER, 1, effect("e"));
    reader.step();
    assertThat(worked).containsExactlyInAnyOrder("a", "c", "e");
    assertThat(committed(ONE)).as("what a process that knows it begins with").isEqualTo(1);
    assertThat(committed(OTHER)).isEqualTo(2);
    assertThat(logged.lines()).hasSize(1);
    assertThat(logged.lines().getFirst())
        .contains("room.effects-0", "offset 1")
        .doesNotContain("secret", "newer_version\"");
  }

  /** It is met again wherever the partition goes, and is not told of again. */
  @Test
  void whoHasThePartitionAgainStopsThereAgain() {
    EffectReader reader = reader(new ArrayList<>()::add);
    take(reader);
    add(ONE, 0, UNKNOWN);
    reader.step();
    take(reader);
    add(ONE, 0, UNKNOWN);
    add(ONE, 1, effect("b"));
    reader.step();
    assertThat(worked).isEmpty();
    assertThat(logged.lines()).hasSize(1);
  }

  @Test
  void aNameThatAnotherProcessTookEndsThisOne() throws Exception {
    CompletableFuture<String> ends = new CompletableFuture<>();
    EffectReader reader = reader(ends::complete);
    consumer.setPollException(new FencedInstanceIdException("taken"));
    assertThat(reader.isAlive()).isFalse();
    reader.start();
    assertThat(ends.get(30, TimeUnit.SECONDS)).contains("another process has this node's name");
    assertThat(reader.join(Duration.ofSeconds(30))).isTrue();
    assertThat(reader.isAlive()).isFalse();
  }

  private EffectReader reader(java.util.function.Consumer<String> fatal) {
    return new EffectReader(
        consumer,
        (effect, done) -> {
          worked.add(effect.id());
          done.run();
        },
        fatal);
  }

  private void take(EffectReader reader) {
    reader.begin();
    consumer.rebalance(List.of());
    consumer.rebalance(List.of(ONE, OTHER));
  }

  private void add(TopicPartition partition, long offset, byte[] value) {
    consumer.addRecord(
        new ConsumerRecord<>(partition.topic(), partition.partition(), offset, new byte[0], value));
  }

  private long committed(TopicPartition partition) {
    Map<TopicPartition, OffsetAndMetadata> all = consumer.committed(java.util.Set.of(partition));
    return Objects.requireNonNull(all.get(partition)).offset();
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition(Topic.ROOM_EFFECTS.topicName(), number);
  }

  private static byte[] effect(String id) {
    return LogJson.encode(
        new RoomEffect.FetchHistory(
            id,
            new RoomId("!room:one.test"),
            new EventId("$gap"),
            new ServerName("one.test"),
            List.of(),
            1));
  }
}
