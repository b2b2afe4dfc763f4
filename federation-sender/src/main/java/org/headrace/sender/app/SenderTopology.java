package org.headrace.sender.app;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tenant.Tenants;
import org.headrace.sender.outbox.OutboxProcessor;
import org.headrace.sender.outbox.PresenceProcessor;
import org.headrace.sender.queue.QueueListener;
import org.headrace.sender.queue.QueueProcessor;

/**
 * The graph: logs → outbox → {@code federation.queue}; that and {@code federation.status} → queues;
 * presence → its outbox → {@code federation.queue}. The parts have different keys, so they are
 * tasks that meet in the topic.
 */
public final class SenderTopology {
  private static final String LOGS = "logs";
  private static final String OUTBOX = "outbox";
  private static final String TO_QUEUE = "to-queue";
  private static final String QUEUE = "queue";
  private static final String QUEUES = "queues";
  private static final String PRESENCE = "presence";
  private static final String PRESENCE_OUTBOX = "presence-outbox";
  private static final String PRESENCE_TO_QUEUE = "presence-to-queue";
  private static final Serializer<QueueKey> KEY = (topic, key) -> OutboxProcessor.keyBytes(key);

  private SenderTopology() {}

  /** The stores' changelogs as Streams names them, each with the family whose partitions it has. */
  public static Map<String, Topic.Family> changelogs() {
    return Map.of(
        FederationSender.NAME + "-" + OutboxProcessor.STORE + "-changelog",
        Topic.Family.ROOM,
        FederationSender.NAME + "-" + QueueProcessor.STORE + "-changelog",
        Topic.Family.ACCOUNT,
        FederationSender.NAME + "-" + PresenceProcessor.STORE + "-changelog",
        Topic.Family.ACCOUNT);
  }

  /**
   * @param rooms says with whom a user shares rooms now
   * @param changelogConfig topic settings of the stores' changelogs
   */
  public static Topology of(
      Tenants tenants,
      RoomsView rooms,
      QueueListener listener,
      Partitions partitions,
      Map<String, String> changelogConfig) {
    StreamPartitioner<QueueKey, byte[]> byQueue =
        (topic, key, value, count) ->
            Optional.of(Set.of(partitions.of(Topic.FEDERATION_QUEUE.family(), key.recordKey())));
    Topology topology = new Topology();
    topology.addSource(
        LOGS,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topic.ROOM_LOG.topicName(),
        Topic.TYPING.topicName(),
        Topic.RECEIPTS.topicName());
    topology.addProcessor(OUTBOX, () -> new OutboxProcessor(tenants), LOGS);
    topology.addStateStore(store(OutboxProcessor.STORE, changelogConfig), OUTBOX);
    topology.addSink(
        TO_QUEUE,
        Topic.FEDERATION_QUEUE.topicName(),
        KEY,
        new ByteArraySerializer(),
        byQueue,
        OUTBOX);
    topology.addSource(
        QUEUE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topic.FEDERATION_QUEUE.topicName(),
        Topic.FEDERATION_STATUS.topicName());
    topology.addProcessor(QUEUES, () -> new QueueProcessor(listener), QUEUE);
    topology.addStateStore(store(QueueProcessor.STORE, changelogConfig), QUEUES);
    topology.addSource(
        PRESENCE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topic.PRESENCE.topicName());
    topology.addProcessor(PRESENCE_OUTBOX, () -> new PresenceProcessor(tenants, rooms), PRESENCE);
    // Small, and looked through every other second.
    topology.addStateStore(
        store(Stores.inMemoryKeyValueStore(PresenceProcessor.STORE), changelogConfig),
        PRESENCE_OUTBOX);
    topology.addSink(
        PRESENCE_TO_QUEUE,
        Topic.FEDERATION_QUEUE.topicName(),
        KEY,
        new ByteArraySerializer(),
        byQueue,
        PRESENCE_OUTBOX);
    return topology;
  }

  private static StoreBuilder<KeyValueStore<Bytes, byte[]>> store(
      String name, Map<String, String> changelogConfig) {
    return store(Stores.persistentKeyValueStore(name), changelogConfig);
  }

  private static StoreBuilder<KeyValueStore<Bytes, byte[]>> store(
      KeyValueBytesStoreSupplier kind, Map<String, String> changelogConfig) {
    return Stores.keyValueStoreBuilder(kind, Serdes.Bytes(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(changelogConfig);
  }
}
