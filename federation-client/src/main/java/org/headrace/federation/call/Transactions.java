package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** {@code PUT /send/{txnId}}. */
public final class Transactions {
  private final FederationClient client;

  public Transactions(FederationClient client) {
    this.client = client;
  }

  /**
   * Sends a transaction: {@code {origin, origin_server_ts, pdus, edus}}, 50 PDUs and 100 EDUs at
   * most.
   *
   * @return the errors of the PDUs that the server did not process
   */
  public SortedMap<EventId, String> send(Link link, String transactionId, ObjectNode transaction)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/send").segment(transactionId);
    ObjectNode answer =
        client.call(FederationRequest.put(link, target, transaction), CallLimits.TRANSACTION);
    SortedMap<EventId, String> errors = new TreeMap<>();
    for (Map.Entry<String, JsonNode> pdu : answer.path("pdus").properties()) {
      JsonNode error = pdu.getValue().path("error");
      if (error.isTextual()) {
        try {
          errors.put(new EventId(pdu.getKey()), error.textValue());
        } catch (InvalidIdException e) {
          // Nothing of ours.
        }
      }
    }
    return errors;
  }
}
