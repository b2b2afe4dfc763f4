package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;

/**
 * The first half of joining, knocking and leaving through this server (server-server API, "Joining
 * Rooms", "Knocking upon a room", "Leaving Rooms").
 */
@Path("/")
public class MakeMembershipResource {
  /** What a server that does not say knows. */
  private static final List<String> VERSIONS_DEFAULT = List.of("1");

  @Inject Peers peers;
  @Inject SharedRooms rooms;
  @Inject MemberTemplates templates;
  @Inject RestrictedJoins restricted;

  @GET
  @Path("_matrix/federation/v1/make_join/{roomId}/{userId}")
  @RunOnVirtualThread
  public Response join(
      @PathParam("roomId") String roomId,
      @PathParam("userId") String userId,
      @QueryParam("ver") List<String> versions) {
    Peer peer = peers.require();
    UserId user = own(userId, peer);
    Shared room = rooms.require(Ids.room(roomId), peer);
    requireVersion(room, versions);
    ObjectNode content = Json.object().put("membership", "join");
    restricted
        .authoriser(room, user, templates.state(room))
        .ifPresent(via -> content.put("join_authorised_via_users_server", via.value()));
    return Replies.ok(templates.template(room, user, content));
  }

  @GET
  @Path("_matrix/federation/v1/make_knock/{roomId}/{userId}")
  @RunOnVirtualThread
  public Response knock(
      @PathParam("roomId") String roomId,
      @PathParam("userId") String userId,
      @QueryParam("ver") List<String> versions) {
    Peer peer = peers.require();
    UserId user = own(userId, peer);
    Shared room = rooms.require(Ids.room(roomId), peer);
    requireVersion(room, versions);
    ObjectNode content = Json.object().put("membership", "knock");
    return Replies.ok(templates.template(room, user, content));
  }

  @GET
  @Path("_matrix/federation/v1/make_leave/{roomId}/{userId}")
  @RunOnVirtualThread
  public Response leave(@PathParam("roomId") String roomId, @PathParam("userId") String userId) {
    Peer peer = peers.require();
    UserId user = own(userId, peer);
    Shared room = rooms.require(Ids.room(roomId), peer);
    ObjectNode content = Json.object().put("membership", "leave");
    return Replies.ok(templates.template(room, user, content));
  }

  private static UserId own(String userId, Peer peer) {
    UserId user = Ids.user(userId);
    if (!user.server().equals(peer.origin())) {
      throw MatrixError.forbidden("The user is not of the server that asks");
    }
    return user;
  }

  private static void requireVersion(Shared room, List<String> asked) {
    List<String> known = asked.isEmpty() ? VERSIONS_DEFAULT : asked;
    String version = room.version().id();
    if (!known.contains(version)) {
      throw new MatrixError(
              400,
              "M_INCOMPATIBLE_ROOM_VERSION",
              "The room's version, " + version + ", is not among those that the server knows")
          .with("room_version", version);
    }
  }
}
