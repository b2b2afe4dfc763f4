package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.headrace.api.Params;
import org.headrace.api.RemoteFailures;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.jspecify.annotations.Nullable;

/** Published rooms, of this server or another (client-server API, "Published Room Directory"). */
@Path("/")
public class PublicRoomsResource {
  @Inject Caller caller;
  @Inject FederationPolicy.OfTenants policies;
  @Inject AccountsView accounts;
  @Inject RoomsView rooms;
  @Inject PublishedRooms published;
  @Inject FederationCalls calls;

  /** Public: no token is asked for, but for another server's rooms. */
  @GET
  @Path("_matrix/client/v3/publicRooms")
  @RunOnVirtualThread
  public Response get(
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("since") @Nullable String since,
      @QueryParam("server") @Nullable String server) {
    return answer(
        new PublishedRooms.Query(
            Params.integer(limit, "limit", 0, PublishedRooms.PAGE_MAX),
            since == null ? "" : since,
            Json.object()),
        PublishedRooms.named(server));
  }

  @POST
  @Path("_matrix/client/v3/publicRooms")
  @RunOnVirtualThread
  public Response search(@QueryParam("server") @Nullable String server, byte @Nullable [] body) {
    caller.session();
    return answer(
        PublishedRooms.Query.of(JsonBody.parseOptional(body)), PublishedRooms.named(server));
  }

  private Response answer(PublishedRooms.Query query, Optional<ServerName> server) {
    ServerName own = caller.acting();
    if (server.isPresent() && !policies.reachesHere(own, server.get())) {
      Link link = new Link(caller.user().server(), server.get());
      try {
        ObjectNode answer = calls.directory().publicRooms(link, query.json());
        if (!answer.path("chunk").isArray()) {
          throw new MatrixError(502, "M_UNKNOWN", "The other server gave no list of rooms");
        }
        return Replies.ok(answer);
      } catch (FederationException e) {
        throw RemoteFailures.of(e);
      }
    }
    return Replies.ok(published.page(server.orElse(own), query));
  }

  /** Public: no token is asked for. */
  @GET
  @Path("_matrix/client/v3/directory/list/room/{roomId}")
  @RunOnVirtualThread
  public Response visibility(@PathParam("roomId") String roomId) {
    RoomId room = Ids.room(roomId);
    ServerName tenant = caller.tenant().name();
    if (rooms.room(room).isEmpty()) {
      throw MatrixError.notFound("There is no such room");
    }
    boolean listed = accounts.isListed(tenant, room);
    return Replies.ok(Json.object().put("visibility", listed ? "public" : "private"));
  }
}
