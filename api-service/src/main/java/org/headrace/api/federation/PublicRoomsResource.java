package org.headrace.api.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.headrace.api.Params;
import org.headrace.api.room.PublishedRooms;
import org.headrace.core.json.Json;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/** The tenant's published rooms (server-server API, "Published Room Directory"). */
@Path("/")
public class PublicRoomsResource {
  @Inject Peers peers;
  @Inject PublishedRooms published;

  @GET
  @Path("_matrix/federation/v1/publicRooms")
  @RunOnVirtualThread
  public Response get(
      @QueryParam("limit") @Nullable String limit, @QueryParam("since") @Nullable String since) {
    Peer peer = peers.require();
    PublishedRooms.Query query =
        new PublishedRooms.Query(
            Params.integer(limit, "limit", 0, PublishedRooms.PAGE_MAX),
            since == null ? "" : since,
            Json.object());
    return Replies.ok(published.page(peer.tenant(), query));
  }

  @POST
  @Path("_matrix/federation/v1/publicRooms")
  @RunOnVirtualThread
  public Response search(byte @Nullable [] bytes) {
    Peers.Request asked = peers.require(bytes);
    return Replies.ok(published.page(asked.peer().tenant(), PublishedRooms.Query.of(asked.body())));
  }
}
