package org.headrace.api.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.SortedMap;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** GET /profile: public, so no token is asked for (client-server API, "Profiles"). */
@Path("/")
public class ProfileResource {
  @Inject AccountsView accounts;

  @GET
  @Path("_matrix/client/v3/profile/{userId}")
  @RunOnVirtualThread
  public Response profile(@PathParam("userId") String userId) {
    ObjectNode json = Json.object();
    fields(Ids.user(userId)).forEach(json::put);
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/client/v3/profile/{userId}/{keyName}")
  @RunOnVirtualThread
  public Response field(@PathParam("userId") String userId, @PathParam("keyName") String keyName) {
    String value = fields(Ids.user(userId)).get(keyName);
    if (value == null) {
      throw MatrixError.notFound("The profile has no " + keyName);
    }
    return Replies.ok(Json.object().put(keyName, value));
  }

  private SortedMap<String, String> fields(UserId user) {
    if (accounts.account(user).isEmpty()) {
      throw MatrixError.notFound("There is no such user");
    }
    return accounts.profile(user);
  }
}
