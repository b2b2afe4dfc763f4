package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.StrippedState;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;

/**
 * PUT /invite (server-server API, "Inviting to a room"): another server's user invites one of a
 * tenant's. The tenant signs the event; the inviting server brings it to the room.
 */
@Path("/")
@RunOnVirtualThread
public class InviteResource {
  @Inject Peers peers;
  @Inject HeldRooms held;
  @Inject MemberEvents members;
  @Inject StrippedState stripped;
  @Inject LocalSignatures signatures;
  @Inject AccountsView accounts;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/federation/v2/invite/{roomId}/{eventId}")
  public Response inviteV2(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    JsonBody body = request.body();
    String versionId = body.requireString("room_version");
    RoomVersion version =
        RoomVersion.find(versionId)
            .orElseThrow(
                () ->
                    new MatrixError(
                            400,
                            "M_INCOMPATIBLE_ROOM_VERSION",
                            "This server does not know the room's version")
                        .with("room_version", versionId));
    ObjectNode signed =
        invite(
            request.peer(),
            Ids.room(roomId),
            Ids.event(eventId),
            version,
            body.requireObject("event").json(),
            body.array("invite_room_state"));
    return Replies.ok(Json.object().set("event", signed));
  }

  /** Rooms of versions 1 and 2 only. */
  @PUT
  @Path("/_matrix/federation/v1/invite/{roomId}/{eventId}")
  public Response inviteV1(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    ObjectNode event = request.body().json();
    List<JsonNode> state =
        request
            .body()
            .optionalObject("unsigned")
            .map(unsigned -> unsigned.array("invite_room_state"))
            .orElse(List.of());
    // The two versions differ in state resolution alone.
    ObjectNode signed =
        invite(request.peer(), Ids.room(roomId), Ids.event(eventId), RoomVersion.V1, event, state);
    var answer = Json.MAPPER.createArrayNode().add(200);
    answer.addObject().set("event", signed);
    return Response.ok(Json.bytes(answer)).type(MediaType.APPLICATION_JSON).build();
  }

  private ObjectNode invite(
      Peer peer,
      RoomId room,
      EventId id,
      RoomVersion version,
      ObjectNode json,
      List<JsonNode> state) {
    ObjectNode bare = Json.object();
    bare.setAll(json);
    bare.remove("unsigned");
    Pdu event = members.form(peer, room, version, id, bare, "invite");
    UserId target = target(peer, event);
    members.requireSigned(event, version);
    boolean inRoom = held.isIn(room, peer.tenant());
    if (inRoom && !held.isAllowed(room, peer.origin())) {
      throw MatrixError.forbidden("This room's server ACL denies " + peer.origin());
    }
    List<ObjectNode> shown = stripped.require(room, version, state);
    if (accounts.account(target).isEmpty()) {
      throw MatrixError.forbidden("This server has no such user");
    }
    ObjectNode signed = signatures.sign(event.json(), version, peer.tenant());
    if (inRoom) {
      members.decideInvite(peer, event);
    } else {
      bring(peer, room, version, target, event, signed, shown);
    }
    return signed;
  }

  /**
   * The tenant is not in the room and answers alike whoever else of this deployment is. A room that
   * is held decides the invite by its rules and its server ACL: the user hears of what it accepts,
   * the inviting server of nothing.
   */
  private void bring(
      Peer peer,
      RoomId room,
      RoomVersion version,
      UserId target,
      Pdu event,
      ObjectNode signed,
      List<ObjectNode> strippedState) {
    if (!held.isHeld(room) && note(room, version, target, signed, strippedState)) {
      return;
    }
    if (held.isAllowed(room, peer.origin()) && !members.decideUntold(peer, event)) {
      boolean unused = note(room, version, target, signed, strippedState);
    }
  }

  /** False if the room has come to be held meanwhile. */
  private boolean note(
      RoomId room,
      RoomVersion version,
      UserId target,
      ObjectNode invite,
      List<ObjectNode> strippedState) {
    Outcome outcome =
        writes
            .log()
            .submit(
                new RoomCommand.NoteRemoteMembership(
                    writes.newId(),
                    writes.now(),
                    room,
                    version.id(),
                    target,
                    invite,
                    strippedState),
                CommandLog.WAIT);
    if (outcome instanceof Outcome.Failed failed && failed.failure() == Failure.BAD_STATE) {
      return false;
    }
    Writes.result(outcome);
    return true;
  }

  private static UserId target(Peer peer, Pdu event) {
    UserId target = Ids.user(event.stateKey().orElse(""));
    if (!target.server().equals(peer.tenant())) {
      throw MatrixError.invalidParam("The invited is not a user of " + peer.tenant());
    }
    return target;
  }
}
