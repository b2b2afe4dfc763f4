package org.headrace.sender.delivery;

import org.headrace.federation.call.Transactions;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.schema.federation.QueueKey;

/** PUT /_matrix/federation/v1/send/{txnId} of the real network. */
public final class FederationTransactionClient implements TransactionClient {
  private static final System.Logger LOG =
      System.getLogger(FederationTransactionClient.class.getName());

  private final Transactions calls;

  public FederationTransactionClient(Transactions calls) {
    this.calls = calls;
  }

  @Override
  public void send(QueueKey queue, Transaction transaction) throws DeliveryException {
    try {
      calls
          .send(new Link(queue.tenant(), queue.destination()), transaction.id(), transaction.body())
          .forEach(
              (event, error) ->
                  LOG.log(
                      System.Logger.Level.INFO,
                      queue.destination() + " did not take " + event + ": " + error));
    } catch (FederationException e) {
      throw new DeliveryException(
          String.valueOf(e.getMessage()),
          e.refusal().filter(refusal -> isOfTheRequest(refusal.status())).isPresent(),
          e.refusal().map(refusal -> refusal.body().path("retry_after_ms").asLong(0)).orElse(0L));
    }
  }

  /** Statuses that say that this very request is wrong, whoever makes it and whenever. */
  private static boolean isOfTheRequest(int status) {
    return status == 400 || status == 413 || status == 422;
  }
}
