package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.crypto.Hashes;
import org.headrace.core.json.Json;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;

/**
 * PUT /send/{txnId} (server-server API, "Transactions"). It is answered when the checks are done
 * and the commands durable; nothing waits for decisions or missing events (design D4).
 */
@Path("/")
@RunOnVirtualThread
public class TransactionResource {
  /** PDUs of one transaction (specification). */
  static final int PDUS_MAX = 50;

  /** EDUs of one transaction (specification). */
  static final int EDUS_MAX = 100;

  @Inject Peers peers;
  @Inject OriginLimits limits;
  @Inject RecentAnswers answers;
  @Inject HeardServers heard;
  @Inject PduIntake pdus;
  @Inject EduIntake edus;

  @PUT
  @Path("/_matrix/federation/v1/send/{txnId}")
  public Response send(@PathParam("txnId") String txnId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    Peer peer = request.peer();
    Sizes.requireName(txnId, "A transaction id");
    try (OriginLimits.Place place = limits.enter(peer.origin())) {
      RecentAnswers.Transaction transaction =
          new RecentAnswers.Transaction(peer, txnId, Hashes.sha256(bytes));
      ObjectNode answer = answers.find(transaction).orElseGet(() -> take(peer, request.body()));
      answers.keep(transaction, answer);
      heard.heard(peer);
      return Replies.ok(answer);
    }
  }

  private ObjectNode take(Peer peer, JsonBody body) {
    if (body.array("pdus").size() > PDUS_MAX || body.array("edus").size() > EDUS_MAX) {
      throw MatrixError.invalidParam(
          "A transaction has " + PDUS_MAX + " PDUs and " + EDUS_MAX + " EDUs at most");
    }
    ObjectNode answer = Json.object();
    answer.set("pdus", pdus.take(peer, body.array("pdus")));
    edus.take(peer, body.array("edus"));
    return answer;
  }
}
