package org.headrace.sender.delivery;

import org.headrace.schema.federation.QueueKey;

/** Brings a transaction to its destination: PUT /_matrix/federation/v1/send/{txnId}. */
public interface TransactionClient {
  /** Returns when the destination has taken it. */
  void send(QueueKey queue, Transaction transaction) throws DeliveryException, InterruptedException;
}
