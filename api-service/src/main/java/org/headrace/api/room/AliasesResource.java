package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.Directory;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** Where an alias points, and which aliases point to a room. */
@Path("/")
public class AliasesResource {
  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject AccountsView accounts;
  @Inject AliasLookup lookup;

  /**
   * Public: no token is asked for. NOTSPEC: other servers are asked for users of this one alone, so
   * that nobody else makes it ask them.
   */
  @GET
  @Path("_matrix/client/v3/directory/room/{roomAlias}")
  @RunOnVirtualThread
  public Response room(@PathParam("roomAlias") String roomAlias) {
    Directory.Aliased found =
        lookup.find(Ids.alias(roomAlias), caller::acting, () -> caller.user().server());
    ObjectNode json = Json.object().put("room_id", found.room().value());
    ArrayNode array = json.putArray("servers");
    found.servers().forEach(server -> array.add(server.value()));
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/aliases")
  @RunOnVirtualThread
  public Response aliases(@PathParam("roomId") String roomId) {
    caller.session();
    RoomId room = Ids.room(roomId);
    reads.require(caller, room);
    ObjectNode json = Json.object();
    ArrayNode aliases = json.putArray("aliases");
    accounts.aliasesOf(room).forEach(alias -> aliases.add(alias.value()));
    return Replies.ok(json);
  }
}
