package org.headrace.api.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.headrace.api.Params;
import org.headrace.api.room.SpaceRooms;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/** A space and its children, as far as the asking server may see them ("Spaces"). */
@Path("/")
public class HierarchyResource {
  @Inject Peers peers;
  @Inject SpaceRooms spaces;

  @GET
  @Path("_matrix/federation/v1/hierarchy/{roomId}")
  @RunOnVirtualThread
  public Response hierarchy(
      @PathParam("roomId") String roomId,
      @QueryParam("suggested_only") @Nullable String suggestedOnly) {
    Peer peer = peers.require();
    return spaces
        .forServer(
            Ids.room(roomId),
            peer.origin(),
            peer.tenant(),
            Params.bool(suggestedOnly, "suggested_only"))
        .map(Replies::ok)
        .orElseThrow(() -> MatrixError.notFound("There is no such room, or it is not shown"));
  }
}
