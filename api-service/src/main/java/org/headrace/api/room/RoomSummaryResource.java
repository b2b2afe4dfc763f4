package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.Directory;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.RoomsView;
import org.jspecify.annotations.Nullable;

/**
 * GET /room_summary: what a room looks like before one joins it (client-server API, "Room
 * previews"). A room that the user may not see is as one that is not there.
 */
@Path("/")
public class RoomSummaryResource {
  @Inject Caller caller;
  @Inject AliasLookup aliases;
  @Inject SpaceWalk walk;
  @Inject RoomsView rooms;

  @GET
  @Path("_matrix/client/v1/room_summary/{roomIdOrAlias}")
  @RunOnVirtualThread
  public Response summary(
      @PathParam("roomIdOrAlias") String roomIdOrAlias,
      @QueryParam("via") @Nullable List<String> via) {
    UserId user = caller.user();
    List<ServerName> servers = servers(via);
    RoomId room;
    if (roomIdOrAlias.startsWith("#")) {
      Directory.Aliased found = aliases.find(Ids.alias(roomIdOrAlias), user::server, user::server);
      room = found.room();
      servers.addAll(found.servers());
    } else {
      room = Ids.room(roomIdOrAlias);
    }
    ObjectNode json = Json.object();
    walk.entry(room, servers, user)
        .ifPresentOrElse(
            json::setAll,
            () -> {
              throw MatrixError.notFound("There is no such room, or you may not see it");
            });
    json.remove("children_state");
    rooms
        .membership(room, user)
        .ifPresent(membership -> json.put("membership", membership.membership()));
    return Replies.ok(json);
  }

  private static List<ServerName> servers(@Nullable List<String> via) {
    List<ServerName> servers = new ArrayList<>();
    for (String name : via == null ? List.<String>of() : via) {
      try {
        servers.add(new ServerName(name));
      } catch (InvalidIdException e) {
        throw MatrixError.invalidParam("via names no server: " + e.getMessage());
      }
    }
    return servers;
  }
}
