package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.RateLimit;
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

  /** Each change concerns all who share a room with the user. */
  private static final int BURST = 10;

  private static final Duration REFILL = Duration.ofSeconds(5);

  private final Caller caller;
  private final Presences presences;
  private final Writes writes;
  private final RateLimit rate;
  private final boolean limited;

  @Inject
  public PresenceResource(
      Caller caller,
      Presences presences,
      Writes writes,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this.caller = caller;
    this.presences = presences;
    this.writes = writes;
    this.limited = limited;
    rate = new RateLimit(BURST, REFILL, clock::millis);
  }

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
    if (limited) {
      rate.take(session.user().value());
    }
    long now = writes.now();
    long until = presence == Presence.OFFLINE ? 0 : now + HOLDS_MILLIS;
    presences.publishVisibly(
        PresenceRecord.of(session.user(), presence, status, session.device(), now, until));
    return Replies.empty();
  }
}
