package org.headrace.api.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.http.MatrixError;
import org.headrace.http.Peers;

/** The tenant's media (server-server API, "Content Repository"): there are none yet. */
@Path("/")
public class MediaResource {
  @Inject Peers peers;

  @GET
  @Path("_matrix/federation/v1/media/download/{mediaId}")
  @RunOnVirtualThread
  public Response download(@PathParam("mediaId") String mediaId) {
    return none();
  }

  @GET
  @Path("_matrix/federation/v1/media/thumbnail/{mediaId}")
  @RunOnVirtualThread
  public Response thumbnail(@PathParam("mediaId") String mediaId) {
    return none();
  }

  private Response none() {
    peers.require();
    throw MatrixError.notFound("There is no such media");
  }
}
