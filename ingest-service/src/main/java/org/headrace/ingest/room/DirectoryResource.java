package org.headrace.ingest.room;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;

/** Sets and deletes room aliases (client-server API, "Room aliases"). */
@Path("/")
@RunOnVirtualThread
public class DirectoryResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject CurrentState current;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/directory/room/{roomAlias}")
  public Response put(@PathParam("roomAlias") String roomAlias, byte[] bytes) {
    UserId user = caller.user();
    RoomAlias alias = Ids.alias(roomAlias);
    RoomId room = Ids.room(JsonBody.parse(bytes).requireString("room_id"));
    if (!alias.server().equals(user.server())) {
      throw MatrixError.invalidParam("Room aliases are made on the server that they name");
    }
    current.requireJoined(room, user);
    writes.submit(new AccountCommand.SetAlias(writes.newId(), writes.now(), alias, room, user));
    return Replies.empty();
  }

  @DELETE
  @Path("/_matrix/client/v3/directory/room/{roomAlias}")
  public Response delete(@PathParam("roomAlias") String roomAlias) {
    UserId user = caller.user();
    RoomAlias alias = Ids.alias(roomAlias);
    RoomId room =
        accounts
            .alias(alias)
            .orElseThrow(() -> MatrixError.notFound("This room alias is not known here"));
    writes.submit(
        new AccountCommand.DeleteAlias(
            writes.newId(), writes.now(), alias, user, current.maySetAliases(room, user)));
    return Replies.empty();
  }
}
