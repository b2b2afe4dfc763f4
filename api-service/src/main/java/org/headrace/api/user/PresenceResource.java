package org.headrace.api.user;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.api.event.SharedRooms;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.Presence;

/** GET /presence: one's own, and that of users in the same room (client-server API, "Presence"). */
@Path("/")
public class PresenceResource {
  @Inject Caller caller;
  @Inject SharedRooms shared;
  @Inject EphemeralView ephemeral;
  @Inject Partitions partitions;
  @Inject Clock clock;

  @ConfigProperty(name = "headrace.presence", defaultValue = "true")
  boolean enabled;

  @GET
  @Path("_matrix/client/v3/presence/{userId}/status")
  @RunOnVirtualThread
  public Response status(@PathParam("userId") String userId) {
    UserId reader = caller.user();
    UserId user = Ids.user(userId);
    if (!user.equals(reader) && !shared.isIn(user, shared.joined(reader))) {
      throw MatrixError.forbidden("You are not allowed to see their presence");
    }
    return Replies.ok(
        ephemeral
            .presence(partitions.ofAccount(user.value()), user)
            .filter(known -> enabled)
            .map(known -> known.shown(clock.millis()))
            .orElseGet(() -> Json.object().put("presence", Presence.OFFLINE.shown())));
  }
}
