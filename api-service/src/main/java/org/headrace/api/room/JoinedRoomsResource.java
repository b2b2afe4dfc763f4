package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Replies;
import org.headrace.projections.view.RoomsView;

/** GET /joined_rooms. */
@Path("/")
public class JoinedRoomsResource {
  @Inject Caller caller;
  @Inject RoomsView rooms;

  @GET
  @Path("_matrix/client/v3/joined_rooms")
  @RunOnVirtualThread
  public Response joinedRooms() {
    ObjectNode json = Json.object();
    ArrayNode joined = json.putArray("joined_rooms");
    for (RoomsView.Membership membership : rooms.roomsOf(caller.user())) {
      if (membership.membership().equals("join")) {
        joined.add(membership.roomId().value());
      }
    }
    return Replies.ok(json);
  }
}
