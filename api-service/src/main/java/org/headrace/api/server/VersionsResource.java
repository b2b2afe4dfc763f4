package org.headrace.api.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.http.Replies;

/** GET /versions: the releases of the specification whose form of what is served here is kept. */
@Path("/")
public class VersionsResource {
  /** Newest minor release: 1.16 has room version 12 and use_state_after. */
  private static final int MINOR_MAX = 16;

  @GET
  @Path("_matrix/client/versions")
  public Response versions() {
    ObjectNode json = Json.object();
    ArrayNode versions = json.putArray("versions");
    for (int minor = 1; minor <= MINOR_MAX; minor++) {
      versions.add("v1." + minor);
    }
    json.putObject("unstable_features");
    return Replies.ok(json);
  }
}
