package org.headrace.sender.delivery;

import java.util.List;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.sender.queue.QueuedEntry;

/**
 * The queues as other threads than the stream's may read them. Throws {@link
 * org.apache.kafka.streams.errors.InvalidStateStoreException} while a partition is on its way.
 */
public interface QueueReader {
  DestinationStatus status(int partition, QueueKey queue);

  /** What the next transaction may hold, with a higher offset than {@code after}. */
  List<QueuedEntry> next(int partition, QueueKey queue, long after);
}
