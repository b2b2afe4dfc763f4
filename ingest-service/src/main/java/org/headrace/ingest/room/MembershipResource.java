package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** Joins, invites, leaves, kicks, bans (client-server API, "Room membership"). */
@Path("/")
@RunOnVirtualThread
public class MembershipResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject CurrentState current;
  @Inject Profiles profiles;
  @Inject InvitePolicy invites;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/join/{roomIdOrAlias}")
  public Response joinByIdOrAlias(@PathParam("roomIdOrAlias") String roomIdOrAlias, byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parseOptional(bytes);
    return join(user, resolve(roomIdOrAlias), body);
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/join")
  public Response join(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    return join(user, Ids.room(roomId), JsonBody.parseOptional(bytes));
  }

  private Response join(UserId user, RoomId room, JsonBody body) {
    ObjectNode content = withReason(profiles.memberContent(user), body);
    change(room, user, user, Action.JOIN, content, current.restrictedEvidence(room, user));
    return Replies.ok(Json.object().put("room_id", room.value()));
  }

  private RoomId resolve(String roomIdOrAlias) {
    if (!roomIdOrAlias.startsWith("#")) {
      return Ids.room(roomIdOrAlias);
    }
    RoomAlias alias = Ids.alias(roomIdOrAlias);
    return accounts
        .alias(alias)
        .orElseThrow(() -> MatrixError.notFound("This room alias is not known here"));
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/invite")
  public Response invite(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId sender = caller.user();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    UserId target = target(body);
    invites.requireReachable(target);
    return done(
        room, sender, target, Action.INVITE, withReason(profiles.memberContent(target), body));
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/leave")
  public Response leave(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parseOptional(bytes);
    return done(room, user, user, Action.LEAVE, withReason(Json.object(), body));
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/kick")
  public Response kick(@PathParam("roomId") String roomId, byte[] bytes) {
    return onTarget(roomId, bytes, Action.KICK);
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/ban")
  public Response ban(@PathParam("roomId") String roomId, byte[] bytes) {
    return onTarget(roomId, bytes, Action.BAN);
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/unban")
  public Response unban(@PathParam("roomId") String roomId, byte[] bytes) {
    return onTarget(roomId, bytes, Action.UNBAN);
  }

  private Response onTarget(String roomId, byte[] bytes, Action action) {
    UserId sender = caller.user();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    return done(room, sender, target(body), action, withReason(Json.object(), body));
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/forget")
  public Response forget(@PathParam("roomId") String roomId) {
    UserId user = caller.user();
    Outcome outcome =
        writes
            .log()
            .submit(
                new RoomCommand.ForgetRoom(writes.newId(), writes.now(), Ids.room(roomId), user),
                CommandLog.WAIT);
    if (outcome instanceof Outcome.Failed failed && failed.failure() == Failure.BAD_STATE) {
      throw new MatrixError(400, "M_UNKNOWN", failed.message());
    }
    Writes.result(outcome);
    return Replies.empty();
  }

  private Response done(
      RoomId room, UserId sender, UserId target, Action action, ObjectNode content) {
    change(room, sender, target, action, content, null);
    return Replies.empty();
  }

  private void change(
      RoomId room,
      UserId sender,
      UserId target,
      Action action,
      ObjectNode content,
      @Nullable List<RoomId> evidence) {
    if (action != Action.LEAVE) {
      current.requireServerAllowed(room, sender);
    }
    writes.submit(
        new RoomCommand.ChangeMembership(
            writes.newId(), writes.now(), room, sender, target, action, content, evidence));
  }

  private static UserId target(JsonBody body) {
    return Ids.user(body.requireString("user_id"));
  }

  private static ObjectNode withReason(ObjectNode content, JsonBody body) {
    body.optionalString("reason", Sizes.REASON_BYTES_MAX)
        .ifPresent(reason -> content.put("reason", reason));
    return content;
  }
}
