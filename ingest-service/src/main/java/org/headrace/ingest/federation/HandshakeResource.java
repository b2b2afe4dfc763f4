package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.SortedSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.ingest.client.ViewWait;
import org.headrace.ingest.federation.HeldRooms.Held;
import org.headrace.ingest.remote.ShownPdus;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;

/**
 * The second half of joining, knocking and leaving through this server (server-server API, "Joining
 * Rooms", "Knocking upon a room", "Leaving Rooms"): the event is decided before it is answered, and
 * the tenant brings it to the room's other servers.
 */
@Path("/")
@RunOnVirtualThread
public class HandshakeResource {
  @Inject Peers peers;
  @Inject HeldRooms held;
  @Inject MemberEvents members;
  @Inject RestrictedJoins restricted;
  @Inject LocalSignatures signatures;
  @Inject JoinAnswer answer;
  @Inject ShownPdus shown;
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;

  @PUT
  @Path("/_matrix/federation/v2/send_join/{roomId}/{eventId}")
  public Response sendJoin(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    return join(roomId, eventId, bytes, false);
  }

  /** Deprecated: the answer is the second element of an array, after its status. */
  @PUT
  @Path("/_matrix/federation/v1/send_join/{roomId}/{eventId}")
  public Response sendJoinV1(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    return join(roomId, eventId, bytes, true);
  }

  private Response join(String roomId, String eventId, byte[] bytes, boolean inArray) {
    Peers.Request request = peers.require(bytes);
    Peer peer = request.peer();
    Held room = held.require(Ids.room(roomId), peer);
    EventId id = Ids.event(eventId);
    Pdu join = members.ownForm(peer, room, id, request.body().json(), "join");
    restricted.require(room, join);
    // Where a tenant vouches for the join, its signature is among those that are asked for.
    members.requireSigned(
        new Pdu(id, room.id(), signatures.complete(join.json(), room.version())), room.version());
    SortedSet<ServerName> before = rooms.servers(room.id());
    members.decide(peer, join, true);
    EventRow row = requireVisible(room.id(), id);
    return Response.ok(answer.of(row, before, inArray)).type(MediaType.APPLICATION_JSON).build();
  }

  @PUT
  @Path("/_matrix/federation/v1/send_knock/{roomId}/{eventId}")
  public Response sendKnock(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    Held room = held.require(Ids.room(roomId), request.peer());
    if (!room.version().auth().knocking()) {
      throw MatrixError.forbidden("Rooms of this version take no knocks");
    }
    take(request, room, Ids.event(eventId), "knock");
    ObjectNode reply = Json.object();
    ArrayNode state = reply.putArray("knock_room_state");
    shown.strippedState(room.id()).forEach(state::add);
    return Replies.ok(reply);
  }

  @PUT
  @Path("/_matrix/federation/v2/send_leave/{roomId}/{eventId}")
  public Response sendLeave(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    leave(roomId, eventId, bytes);
    return Replies.empty();
  }

  /** Deprecated: the answer is the second element of an array, after its status. */
  @PUT
  @Path("/_matrix/federation/v1/send_leave/{roomId}/{eventId}")
  public Response sendLeaveV1(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    leave(roomId, eventId, bytes);
    return Response.ok("[200,{}]").type(MediaType.APPLICATION_JSON).build();
  }

  private void leave(String roomId, String eventId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    Held room = held.require(Ids.room(roomId), request.peer());
    take(request, room, Ids.event(eventId), "leave");
  }

  private void take(Peers.Request request, Held room, EventId id, String membership) {
    Pdu event = members.ownForm(request.peer(), room, id, request.body().json(), membership);
    members.requireSigned(event, room.version());
    members.decide(request.peer(), event, true);
  }

  /** Views may be behind the decision; what is answered is read from them. */
  private EventRow requireVisible(RoomId room, EventId event) {
    boolean visible =
        ViewWait.until(() -> timeline.event(room, event).isPresent(), CommandLog.WAIT);
    Optional<EventRow> row = timeline.event(room, event);
    return row.filter(found -> visible)
        .orElseThrow(() -> new NoAnswerException("the views do not show " + event + " in time"));
  }
}
