package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.headrace.api.RemoteFailures;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.call.Directory;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.tenant.Tenants;

/** Where an alias points, and which aliases point to a room. */
@Path("/")
public class AliasesResource {
  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject AccountsView accounts;
  @Inject RoomServers servers;
  @Inject Tenants tenants;
  @Inject FederationCalls calls;

  /**
   * Public: no token is asked for. NOTSPEC: other servers are asked for users of this one alone, so
   * that nobody else makes it ask them.
   */
  @GET
  @Path("_matrix/client/v3/directory/room/{roomAlias}")
  @RunOnVirtualThread
  public Response room(@PathParam("roomAlias") String roomAlias) {
    RoomAlias alias = Ids.alias(roomAlias);
    if (!tenants.isHosted(alias.server())) {
      return remote(alias);
    }
    RoomId room =
        accounts
            .alias(alias)
            .orElseThrow(() -> MatrixError.notFound("There is no such room alias"));
    Set<ServerName> named = new LinkedHashSet<>();
    named.add(alias.server());
    named.addAll(servers.toAskOf(room, alias.server()));
    return Replies.ok(json(room, named));
  }

  private Response remote(RoomAlias alias) {
    Link link = new Link(caller.user().server(), alias.server());
    try {
      Directory.Aliased aliased = calls.directory().alias(link, alias);
      return Replies.ok(json(aliased.room(), aliased.servers()));
    } catch (FederationException e) {
      throw RemoteFailures.of(e);
    }
  }

  private static ObjectNode json(RoomId room, Collection<ServerName> servers) {
    ObjectNode json = Json.object().put("room_id", room.value());
    ArrayNode array = json.putArray("servers");
    servers.forEach(server -> array.add(server.value()));
    return json;
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
