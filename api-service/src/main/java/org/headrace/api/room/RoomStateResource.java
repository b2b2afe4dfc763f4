package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.RoomAccess;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.RoomId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.jspecify.annotations.Nullable;

/** GET of a room's state: now, or as it was when the user left. */
@Path("/")
public class RoomStateResource {
  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject StateView state;
  @Inject TimelineView timeline;
  @Inject ClientEvents events;

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/state")
  @RunOnVirtualThread
  public Response all(@PathParam("roomId") String roomId) {
    caller.session();
    RoomId room = Ids.room(roomId);
    RoomAccess.Access access = reads.require(caller, room);
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (StateView.Entry entry : state.all(room, access.upTo())) {
      timeline
          .event(room, entry.eventId())
          .ifPresent(row -> array.add(events.withRoom(row, caller.session())));
    }
    return RoomReads.json(array);
  }

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/state/{eventType}")
  @RunOnVirtualThread
  public Response withEmptyKey(
      @PathParam("roomId") String roomId,
      @PathParam("eventType") String eventType,
      @QueryParam("format") @Nullable String format) {
    return entry(Ids.room(roomId), new StateKey(eventType, ""), format);
  }

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}")
  @RunOnVirtualThread
  public Response withKey(
      @PathParam("roomId") String roomId,
      @PathParam("eventType") String eventType,
      @PathParam("stateKey") String stateKey,
      @QueryParam("format") @Nullable String format) {
    return entry(Ids.room(roomId), new StateKey(eventType, stateKey), format);
  }

  private Response entry(RoomId room, StateKey key, @Nullable String format) {
    caller.session();
    RoomAccess.Access access = reads.require(caller, room);
    EventRow row =
        state
            .entry(room, key, access.upTo())
            .flatMap(event -> timeline.event(room, event))
            .orElseThrow(() -> MatrixError.notFound("The room has no such state"));
    if (format == null || format.equals("content")) {
      return RoomReads.json(row.pdu().path("content"));
    }
    if (format.equals("event")) {
      return RoomReads.json(events.withRoom(row, caller.session()));
    }
    throw MatrixError.invalidParam("format must be content or event");
  }
}
