package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Presences;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;

/** PUT /presence (client-server API, "Presence"). */
@Path("/")
@RunOnVirtualThread
public class PresenceResource {
  /** How long it holds without a /sync, which renews it. */
  private static final long HOLDS_MILLIS = 5 * 60_000;

  @Inject Caller caller;
  @Inject Presences presences;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/presence/{userId}/status")
  public Response put(@PathParam("userId") String userId, byte[] bytes) {
    caller.session();
    AccountsView.Session session = caller.sessionOf(Ids.user(userId));
    JsonBody body = JsonBody.parse(bytes);
    Presence presence =
        Presence.of(body.requireString("presence"))
            .orElseThrow(
                () -> MatrixError.invalidParam("presence is online, unavailable or offline"));
    String status = body.optionalString("status_msg", PresenceRecord.STATUS_BYTES_MAX).orElse(null);
    long now = writes.now();
    long until = presence == Presence.OFFLINE ? 0 : now + HOLDS_MILLIS;
    presences.publishVisibly(
        PresenceRecord.of(session.user(), presence, status, session.device(), now, until));
    return Replies.empty();
  }
}
