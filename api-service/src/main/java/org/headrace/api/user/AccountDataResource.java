package org.headrace.api.user;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.jspecify.annotations.Nullable;

/** GET of account data, global and of a room (client-server API, "Client Config"). */
@Path("/")
public class AccountDataResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;

  @GET
  @Path("_matrix/client/v3/user/{userId}/account_data/{type}")
  @RunOnVirtualThread
  public Response global(@PathParam("userId") String userId, @PathParam("type") String type) {
    return data(Ids.user(userId), null, type);
  }

  @GET
  @Path("_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}")
  @RunOnVirtualThread
  public Response ofRoom(
      @PathParam("userId") String userId,
      @PathParam("roomId") String roomId,
      @PathParam("type") String type) {
    return data(Ids.user(userId), Ids.room(roomId), type);
  }

  private Response data(UserId user, @Nullable RoomId room, String type) {
    caller.sessionOf(user);
    return accounts
        .accountData(user, room, type)
        .map(data -> Replies.ok(data.content()))
        .orElseThrow(() -> MatrixError.notFound("There is no account data of this type"));
  }
}
