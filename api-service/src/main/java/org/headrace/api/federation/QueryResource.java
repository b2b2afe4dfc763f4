package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.SortedMap;
import org.headrace.api.Params;
import org.headrace.api.room.RoomServers;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.jspecify.annotations.Nullable;

/** The tenant's aliases and profiles (server-server API, "Querying for information"). */
@Path("/")
public class QueryResource {
  @Inject Peers peers;
  @Inject AccountsView accounts;
  @Inject RoomServers servers;

  @GET
  @Path("_matrix/federation/v1/query/directory")
  @RunOnVirtualThread
  public Response directory(@QueryParam("room_alias") @Nullable String roomAlias) {
    Peer peer = peers.require();
    RoomAlias alias = Ids.alias(Params.required(roomAlias, "room_alias"));
    if (!alias.server().equals(peer.tenant())) {
      throw noAlias();
    }
    RoomId room = accounts.alias(alias).orElseThrow(QueryResource::noAlias);
    ObjectNode json = Json.object().put("room_id", room.value());
    ArrayNode array = json.putArray("servers");
    servers.toAskOf(room, peer.tenant()).forEach(server -> array.add(server.value()));
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/federation/v1/query/profile")
  @RunOnVirtualThread
  public Response profile(
      @QueryParam("user_id") @Nullable String userId, @QueryParam("field") @Nullable String field) {
    Peer peer = peers.require();
    UserId user = Ids.user(Params.required(userId, "user_id"));
    if (!user.server().equals(peer.tenant()) || accounts.account(user).isEmpty()) {
      throw MatrixError.notFound("There is no such user");
    }
    SortedMap<String, String> fields = accounts.profile(user);
    ObjectNode json = Json.object();
    if (field == null || field.isEmpty()) {
      fields.forEach(json::put);
    } else if (fields.containsKey(field)) {
      json.put(field, fields.get(field));
    }
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/federation/v1/query/{queryType}")
  @RunOnVirtualThread
  public Response unknown(@PathParam("queryType") String queryType) {
    peers.require();
    throw MatrixError.unrecognized();
  }

  private static MatrixError noAlias() {
    return MatrixError.notFound("There is no such room alias");
  }
}
