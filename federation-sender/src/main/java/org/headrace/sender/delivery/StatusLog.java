package org.headrace.sender.delivery;

import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;

/** Where it is noted how far destinations have got; in the order of the calls for each queue. */
public interface StatusLog {
  void put(QueueKey queue, DestinationStatus status);
}
