package org.headrace.projections.runner;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.projections.rocksdb.OpenRocksViews;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/** A family's loop over a fake broker, stepped by hand. */
final class LoopHarness implements AutoCloseable {
  final FakeBroker broker;
  private final @Nullable OpenRocksViews opened;
  private final ViewWriter writer;
  final List<String> alarms = new ArrayList<>();

  /** Why the process had to end. */
  final List<String> ends = new ArrayList<>();

  final FamilyFold fold;
  long now;

  /** How many of the next runs fail at once. */
  int failures;

  /** What the next runs fail of. */
  KafkaException failure = new KafkaException("no broker");

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private MockConsumer<byte[], byte[]> consumer;
  private FamilyLoop loop;

  private final boolean shared;

  /** On views in RocksDB of its own. */
  LoopHarness(FamilyFold fold, FakeBroker broker) throws IOException {
    this(fold, broker, false);
  }

  /** {@code shared}: one of a group, which has nothing until it {@link #take}s it. */
  LoopHarness(FamilyFold fold, FakeBroker broker, boolean shared) throws IOException {
    this.fold = fold;
    this.broker = broker;
    this.shared = shared;
    opened = new OpenRocksViews();
    writer = opened.rocks();
    start();
  }

  /** On views that the caller closes. */
  LoopHarness(FamilyFold fold, FakeBroker broker, ViewWriter writer) {
    this.fold = fold;
    this.broker = broker;
    this.writer = writer;
    shared = false;
    opened = null;
    start();
  }

  /** The group gives this member the one partition of all topics. */
  void take() {
    rebalance(topics().stream().map(topic -> new TopicPartition(topic.topicName(), 0)).toList());
  }

  /** The group gives it to another member. */
  void loseAll() {
    rebalance(List.of());
  }

  void rebalance(List<TopicPartition> assigned) {
    consumer.rebalance(assigned);
  }

  private List<Topic> topics() {
    List<Topic> topics = new ArrayList<>(List.of(fold.log(), fold.beside()));
    topics.addAll(fold.ephemeral());
    return topics;
  }

  FamilyLoop running() {
    return loop;
  }

  /** Goes on from the checkpoints, as after a kill. */
  void start() {
    loop = loop();
    consumer = broker.consumer();
    loop.begin(consumer);
  }

  FamilyLoop loop() {
    return new FamilyLoop(
        fold,
        1,
        shared,
        writer,
        new TickSender(producer),
        Traces.OFF,
        () -> {
          MockConsumer<byte[], byte[]> made = broker.consumer();
          if (failures > 0) {
            failures--;
            made.setPollException(failure);
          }
          made.schedulePollTask(() -> deliverAll(made));
          return made;
        },
        alarms::add,
        ends::add,
        () -> now);
  }

  RocksViews views() {
    return Objects.requireNonNull(opened).rocks();
  }

  void deliver(Topic topic, int count) {
    broker.deliver(consumer, topic, count);
    loop.step(consumer);
  }

  void deliver(Topic topic) {
    deliver(topic, Integer.MAX_VALUE / 2);
  }

  /** The offset that is read next. */
  long consumed(Topic topic) {
    return consumer.position(new TopicPartition(topic.topicName(), 0));
  }

  void deliverAll() {
    deliverAll(consumer);
    loop.step(consumer);
    loop.step(consumer);
  }

  private void deliverAll(MockConsumer<byte[], byte[]> to) {
    for (Topic topic : Topic.values()) {
      broker.deliver(to, topic, Integer.MAX_VALUE / 2);
    }
  }

  /** What was sent since the last call. */
  List<Tick> ticks() {
    List<Tick> ticks =
        producer.history().stream().map(r -> LogJson.decode(r.value(), Tick.class)).toList();
    producer.clear();
    return ticks;
  }

  /** The traces of the ticks that were sent since the last call, in order. */
  List<@Nullable TraceContext> tickTraces() {
    List<@Nullable TraceContext> traces = new ArrayList<>();
    producer.history().forEach(record -> traces.add(TraceContext.of(record.headers())));
    producer.clear();
    return traces;
  }

  @Override
  public void close() throws IOException {
    if (opened != null) {
      opened.close();
    }
  }
}
