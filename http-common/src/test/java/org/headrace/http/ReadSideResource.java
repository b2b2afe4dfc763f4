package org.headrace.http;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.projections.view.ViewsUnavailableException;

/** Stands for a Resource of the read side in {@link HttpRulesTest}. */
@Path("/")
@RunOnVirtualThread
public class ReadSideResource {
  @Inject Caller caller;

  @GET
  @Path("/_matrix/client/v3/things/{thingId}/part/{partId}")
  public Response part(@PathParam("thingId") String thing, @PathParam("partId") String part) {
    return Replies.ok(Json.object().put("thing", thing).put("part", part));
  }

  @GET
  @Path("/_matrix/client/v3/whoami")
  public Response whoami() {
    return Replies.ok(Json.object().put("user_id", caller.user().value()));
  }

  @GET
  @Path("/_matrix/client/v3/host")
  public Response host() {
    return Replies.ok(Json.object().put("name", caller.tenant().name().value()));
  }

  @GET
  @Path("/_matrix/client/v3/away")
  public Response away() {
    throw new ViewsUnavailableException("secret-host:9042 does not answer", null);
  }
}
