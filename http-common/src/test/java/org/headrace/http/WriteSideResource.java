package org.headrace.http;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.log.publish.NoAnswerException;

/** Stands for a Resource of the write side in {@link HttpRulesTest}. */
@Path("/")
@RunOnVirtualThread
public class WriteSideResource {
  @PUT
  @Path("/_matrix/client/v3/things/{thingId}/part/{partId}")
  public Response part(
      @PathParam("thingId") String thing, @PathParam("partId") String part, byte[] body) {
    return Replies.ok(
        Json.object()
            .put("thing", Ids.room(thing).value())
            .put("part", part)
            .put("virtual", Thread.currentThread().isVirtual())
            .set("body", JsonBody.parse(body).json()));
  }

  @PUT
  @Path("/_matrix/client/v3/things/{thingId}/part")
  public Response noPart(@PathParam("thingId") String thing, byte[] body) {
    return part(thing, "", body);
  }

  @POST
  @Path("/_matrix/client/v3/fail")
  public Response fail(byte[] body) {
    throw new IllegalStateException("a secret");
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/fail/{eventId}")
  public Response failInRoom(@PathParam("roomId") String room, @PathParam("eventId") String event) {
    throw new IllegalStateException("a secret");
  }

  @POST
  @Path("/_matrix/client/v3/late")
  public Response late() {
    throw new NoAnswerException("late");
  }

  @POST
  @Path("/_matrix/client/v3/limited")
  public Response limited() {
    throw MatrixError.limitExceeded(1500);
  }
}
