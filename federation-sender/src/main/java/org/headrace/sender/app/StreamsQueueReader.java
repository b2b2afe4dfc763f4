package org.headrace.sender.app;

import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.sender.delivery.QueueReader;
import org.headrace.sender.queue.QueueProcessor;
import org.headrace.sender.queue.QueuedEntry;
import org.headrace.sender.queue.Queues;
import org.headrace.topology.app.StreamsApp;

/** Reads the queues' stores of a running topology. */
final class StreamsQueueReader implements QueueReader {
  private final Supplier<StreamsApp> streams;

  StreamsQueueReader(Supplier<StreamsApp> streams) {
    this.streams = streams;
  }

  @Override
  public DestinationStatus status(int partition, QueueKey queue) {
    return Queues.status(store(partition), queue);
  }

  @Override
  public List<QueuedEntry> next(int partition, QueueKey queue, long after) {
    return Queues.next(store(partition), queue, after);
  }

  private ReadOnlyKeyValueStore<Bytes, byte[]> store(int partition) {
    return streams
        .get()
        .store(
            StoreQueryParameters.fromNameAndType(
                    QueueProcessor.STORE, QueryableStoreTypes.<Bytes, byte[]>keyValueStore())
                .withPartition(partition));
  }
}
