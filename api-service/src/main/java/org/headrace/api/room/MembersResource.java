package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.PageToken;
import org.headrace.api.event.RoomAccess;
import org.headrace.api.event.StateValues;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** GET of a room's members. */
@Path("/")
public class MembersResource {
  private static final String MEMBER = "m.room.member";

  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject StateView state;
  @Inject StateValues values;
  @Inject TimelineView timeline;
  @Inject ClientEvents events;
  @Inject Partitions partitions;

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/members")
  @RunOnVirtualThread
  public Response members(
      @PathParam("roomId") String roomId,
      @QueryParam("at") @Nullable String at,
      @QueryParam("membership") @Nullable String membership,
      @QueryParam("not_membership") @Nullable String notMembership) {
    caller.session();
    RoomId room = Ids.room(roomId);
    RoomAccess.Access access = reads.requireMember(caller, room);
    ObjectNode json = Json.object();
    ArrayNode chunk = json.putArray("chunk");
    for (StateView.Entry entry : state.ofType(room, MEMBER, position(room, at, access))) {
      String is = values.membershipOf(room, entry.eventId()).orElse("leave");
      boolean wanted =
          (membership == null || membership.equals(is))
              && (notMembership == null || !notMembership.equals(is));
      if (wanted) {
        timeline
            .event(room, entry.eventId())
            .ifPresent(row -> chunk.add(events.withRoom(row, caller.session())));
      }
    }
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/joined_members")
  @RunOnVirtualThread
  public Response joinedMembers(@PathParam("roomId") String roomId) {
    caller.session();
    RoomId room = Ids.room(roomId);
    RoomAccess.Access access = reads.requireMember(caller, room);
    if (!values.membership(room, caller.user(), access.upTo()).orElse("").equals("join")) {
      throw MatrixError.forbidden("You are not in this room");
    }
    ObjectNode json = Json.object();
    ObjectNode joined = json.putObject("joined");
    for (StateView.Entry entry : state.ofType(room, MEMBER, access.upTo())) {
      if (values.membershipOf(room, entry.eventId()).orElse("").equals("join")) {
        ObjectNode member = joined.putObject(entry.key().stateKey());
        timeline
            .event(room, entry.eventId())
            .ifPresent(row -> putProfile(member, row.pdu().path("content")));
      }
    }
    return Replies.ok(json);
  }

  private static void putProfile(ObjectNode member, JsonNode content) {
    if (content.path("displayname").isTextual()) {
      member.put("display_name", content.path("displayname").textValue());
    }
    if (content.path("avatar_url").isTextual()) {
      member.put("avatar_url", content.path("avatar_url").textValue());
    }
  }

  private Position position(RoomId room, @Nullable String at, RoomAccess.Access access) {
    if (at == null || at.isEmpty()) {
      return access.upTo();
    }
    long boundary =
        PageToken.decode(at, partitions.ofRoom(room.value()))
            .orElseThrow(() -> MatrixError.invalidParam("at is no token of this server"));
    Position asked = new Position(Math.max(-1, boundary));
    return asked.isAfter(access.upTo()) ? access.upTo() : asked;
  }
}
