package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/**
 * The signing keys of the tenant that the Host header names, and, as a notary, those of others
 * (server-server API, "Retrieving server keys"). Public: nobody is asked who they are.
 */
@Path("/")
public class KeysResource {
  /** Servers of one query. */
  private static final int SERVERS_MAX = 100;

  @Inject Caller caller;
  @Inject PublishedKeys published;
  @Inject Notary notary;

  @GET
  @Path("_matrix/key/v2/server")
  @RunOnVirtualThread
  public Response own() {
    return Replies.ok(published.of(caller.tenant().name()));
  }

  /** {@code minimum_valid_until_ts} is not needed: what is answered is as fresh as can be. */
  @GET
  @Path("_matrix/key/v2/query/{serverName}")
  @RunOnVirtualThread
  public Response of(@PathParam("serverName") String serverName) {
    SortedSet<ServerName> servers = new TreeSet<>();
    servers.add(server(serverName));
    return answer(servers);
  }

  @POST
  @Path("_matrix/key/v2/query")
  @RunOnVirtualThread
  public Response ofMany(byte @Nullable [] bytes) {
    JsonBody asked = JsonBody.parse(bytes).requireObject("server_keys");
    if (asked.json().size() > SERVERS_MAX) {
      throw MatrixError.invalidParam("server_keys may name " + SERVERS_MAX + " servers at most");
    }
    SortedSet<ServerName> servers = new TreeSet<>();
    asked.json().fieldNames().forEachRemaining(name -> servers.add(server(name)));
    return answer(servers);
  }

  private Response answer(SortedSet<ServerName> servers) {
    ObjectNode json = Json.object();
    json.putArray("server_keys").addAll(notary.keys(servers, caller.tenant().name()));
    return Replies.ok(json);
  }

  private static ServerName server(String name) {
    try {
      return new ServerName(name);
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam(name + " is not a server name");
    }
  }
}
