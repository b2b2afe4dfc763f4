package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.command.AccountCommand;
import org.jspecify.annotations.Nullable;

/** Sets account data, global and of a room (client-server API, "Client Config"). */
@Path("/")
@RunOnVirtualThread
public class AccountDataResource {
  /** Types that have endpoints of their own. */
  private static final Set<String> SERVERS_OWN = Set.of("m.push_rules", "m.fully_read");

  @Inject Caller caller;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/user/{userId}/account_data/{type}")
  public Response global(
      @PathParam("userId") String userId, @PathParam("type") String type, byte[] bytes) {
    return set(userId, null, type, bytes);
  }

  @PUT
  @Path("/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}")
  public Response ofRoom(
      @PathParam("userId") String userId,
      @PathParam("roomId") String roomId,
      @PathParam("type") String type,
      byte[] bytes) {
    return set(userId, roomId, type, bytes);
  }

  private Response set(String userId, @Nullable String roomId, String type, byte[] bytes) {
    caller.session();
    UserId user = caller.sessionOf(Ids.user(userId)).user();
    RoomId room = roomId == null ? null : Ids.room(roomId);
    Sizes.requireName(type, "A type of account data");
    JsonBody body = JsonBody.parse(bytes);
    if (SERVERS_OWN.contains(type)) {
      throw new MatrixError(405, "M_BAD_JSON", type + " cannot be set here");
    }
    Sizes.require(body.json(), Sizes.COMMAND_BYTES_MAX, "Account data");
    writes.submit(
        new AccountCommand.SetAccountData(
            writes.newId(), writes.now(), user, room, type, body.json()));
    return Replies.empty();
  }
}
