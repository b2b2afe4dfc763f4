package org.headrace.ingest.room;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.command.AccountCommand;

/**
 * Whether the published room directory shows a room (client-server API, "Published Room
 * Directory"): a matter of who may change its canonical alias.
 */
@Path("/")
@RunOnVirtualThread
public class DirectoryListResource {
  @Inject Caller caller;
  @Inject CurrentState current;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/directory/list/room/{roomId}")
  public Response put(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    RoomId room = Ids.room(roomId);
    String visibility = JsonBody.parseOptional(bytes).optionalString("visibility").orElse("public");
    boolean listed =
        switch (visibility) {
          case "public" -> true;
          case "private" -> false;
          default -> throw MatrixError.invalidParam("visibility must be public or private");
        };
    if (!current.isKnown(room)) {
      throw MatrixError.notFound("There is no such room");
    }
    if (!current.maySetAliases(room, user)) {
      throw MatrixError.forbidden("You may not change the room's place in the directory");
    }
    writes.submit(
        new AccountCommand.ListRoom(writes.newId(), writes.now(), room, user.server(), listed));
    return Replies.empty();
  }
}
