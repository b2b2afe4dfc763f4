package org.headrace.topology.processor;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.Stores;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Traces;

/** The graph of a topology: one source, one processor with one logged store, a sink per topic. */
public final class MachineTopology {
  private static final String SOURCE = "commands";
  private static final String PROCESSOR = "decide";

  private MachineTopology() {}

  static String sinkName(Topic topic) {
    return "to-" + topic.topicName();
  }

  /**
   * @param changelogConfig topic settings of the store's changelog
   * @param traces are told of decisions, and have no part in them
   */
  public static <C, R extends LogRecord> Topology of(
      MachineDefinition<C, R> definition,
      Partitions partitions,
      Map<String, String> changelogConfig,
      Traces traces) {
    // Caching off: one changelog in the order of the writes, so that the progress is last (design
    // D2).
    var store =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(definition.storeName()),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingEnabled(changelogConfig);
    StreamPartitioner<RoutedKey, byte[]> routed =
        (topic, key, value, count) -> Optional.of(Set.of(key.partition()));
    Topology topology = new Topology();
    topology.addSource(
        SOURCE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        definition.commands().topicName());
    topology.addProcessor(
        PROCESSOR, () -> new MachineProcessor<>(definition, partitions, traces), SOURCE);
    topology.addStateStore(store, PROCESSOR);
    for (Topic output : definition.outputs()) {
      topology.addSink(
          sinkName(output),
          output.topicName(),
          RoutedKey.SERIALIZER,
          new ByteArraySerializer(),
          routed,
          PROCESSOR);
    }
    return topology;
  }
}
