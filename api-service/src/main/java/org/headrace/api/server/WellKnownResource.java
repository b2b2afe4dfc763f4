package org.headrace.api.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.headrace.core.json.Json;
import org.headrace.http.Replies;

/** GET /.well-known/matrix/client: where clients find the server whose name led them here. */
@Path("/")
public class WellKnownResource {
  @GET
  @Path(".well-known/matrix/client")
  public Response client(@Context UriInfo uri) {
    ObjectNode json = Json.object();
    String base = uri.getBaseUri().toString();
    json.putObject("m.homeserver")
        .put("base_url", base.endsWith("/") ? base.substring(0, base.length() - 1) : base);
    return Replies.ok(json);
  }
}
