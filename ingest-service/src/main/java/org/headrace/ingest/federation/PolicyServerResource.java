package org.headrace.ingest.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import org.headrace.http.Peers;
import org.headrace.http.RateLimit;
import org.headrace.http.Replies;

/** Signs events of rooms whose policy server the tenant is, where it is one. */
@Path("/")
@RunOnVirtualThread
public class PolicyServerResource {
  /** Questions of one server at once, then as many a second as the refill lets. */
  static final int BURST = 500;

  private static final Duration REFILL = Duration.ofMillis(20);

  private final Peers peers;
  private final Recommendations recommendations;
  private final RateLimit rate;

  @Inject
  PolicyServerResource(Peers peers, Recommendations recommendations, Clock clock) {
    this.peers = peers;
    this.recommendations = recommendations;
    rate = new RateLimit(BURST, REFILL, clock::millis);
  }

  @POST
  @Path("/_matrix/policy/v1/sign")
  public Response sign(byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    rate.take(request.peer().origin().value());
    return Replies.ok(recommendations.sign(request.peer(), request.body().json()));
  }
}
