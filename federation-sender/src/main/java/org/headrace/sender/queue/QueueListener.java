package org.headrace.sender.queue;

import org.headrace.schema.federation.QueueKey;

/** Is told, on the stream's thread, where something waits; must return at once. */
public interface QueueListener {
  /** Something waits in this queue, which this process's partition holds. */
  void ready(int partition, QueueKey queue);

  /** The destination spoke to us: an attempt need not wait any longer. */
  void wake(int partition, QueueKey queue);

  /** The partition's queues are no longer this process's. */
  void lost(int partition);
}
