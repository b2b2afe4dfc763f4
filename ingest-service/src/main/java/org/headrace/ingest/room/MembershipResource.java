package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.http.RoomReach;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.RemoteAliases;
import org.headrace.ingest.remote.RemoteAliases.Place;
import org.headrace.ingest.remote.RemoteMemberships;
import org.headrace.ingest.remote.RoomPresence;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** Joins, knocks, invites, leaves, kicks, bans (client-server API, "Room membership"). */
@Path("/")
@RunOnVirtualThread
public class MembershipResource {
  @Inject Caller caller;
  @Inject CurrentState current;
  @Inject Joins joins;
  @Inject RemoteAliases aliases;
  @Inject RemoteMemberships remote;
  @Inject RoomPresence presence;
  @Inject RoomReach reach;
  @Inject Profiles profiles;
  @Inject InvitePolicy invites;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/join/{roomIdOrAlias}")
  public Response joinByIdOrAlias(
      @PathParam("roomIdOrAlias") String roomIdOrAlias,
      @QueryParam("via") @Nullable List<String> via,
      @QueryParam("server_name") @Nullable List<String> serverName,
      byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parseOptional(bytes);
    return join(user, resolve(user, roomIdOrAlias, Vias.of(via, serverName)), body);
  }

  /** {@code via} is not specified here; clients that know servers lose nothing by naming them. */
  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/join")
  public Response join(
      @PathParam("roomId") String roomId,
      @QueryParam("via") @Nullable List<String> via,
      @QueryParam("server_name") @Nullable List<String> serverName,
      byte[] bytes) {
    UserId user = caller.user();
    Place place = new Place(Ids.room(roomId), Vias.of(via, serverName));
    return join(user, place, JsonBody.parseOptional(bytes));
  }

  private Response join(UserId user, Place place, JsonBody body) {
    ObjectNode content = withReason(profiles.memberContent(user), body);
    joins.join(user, place.room(), place.servers(), content);
    return Replies.ok(Json.object().put("room_id", place.room().value()));
  }

  @POST
  @Path("/_matrix/client/v3/knock/{roomIdOrAlias}")
  public Response knock(
      @PathParam("roomIdOrAlias") String roomIdOrAlias,
      @QueryParam("via") @Nullable List<String> via,
      @QueryParam("server_name") @Nullable List<String> serverName,
      byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parseOptional(bytes);
    Place place = resolve(user, roomIdOrAlias, Vias.of(via, serverName));
    RoomId room = place.room();
    ObjectNode content = withReason(profiles.memberContent(user), body);
    boolean here =
        presence.place(room) != RoomPresence.Place.ELSEWHERE
            && reach.isReached(room, user.server());
    if (!here || !knockHere(room, user, content)) {
      remote.knock(user, room, presence.candidates(room, user, place.servers()), content);
    }
    return Replies.ok(Json.object().put("room_id", room.value()));
  }

  /** False if the room is not held any more: views are behind it. */
  private boolean knockHere(RoomId room, UserId user, ObjectNode content) {
    try {
      change(room, user, user, Action.KNOCK, content);
      return true;
    } catch (MatrixError e) {
      if (e.status() == 404) {
        return false;
      }
      throw e;
    }
  }

  private Place resolve(UserId user, String roomIdOrAlias, List<ServerName> via) {
    if (!roomIdOrAlias.startsWith("#")) {
      return new Place(Ids.room(roomIdOrAlias), via);
    }
    Place place = aliases.resolve(user.server(), Ids.alias(roomIdOrAlias));
    List<ServerName> servers = new ArrayList<>(via);
    servers.addAll(place.servers());
    return new Place(place.room(), servers);
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/invite")
  public Response invite(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId sender = caller.user();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    UserId target = target(body);
    invites.requireReachable(sender.server(), target);
    return done(
        room, sender, target, Action.INVITE, withReason(profiles.memberContent(target), body));
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/leave")
  public Response leave(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    RoomId room = Ids.room(roomId);
    ObjectNode content = withReason(Json.object(), JsonBody.parseOptional(bytes));
    RoomPresence.Place place = presence.place(room);
    boolean left = place == RoomPresence.Place.ELSEWHERE && remote.leave(user, room, content);
    return left ? Replies.empty() : leaveHere(room, user, content, place);
  }

  private Response leaveHere(
      RoomId room, UserId user, ObjectNode content, RoomPresence.Place place) {
    try {
      return done(room, user, user, Action.LEAVE, content);
    } catch (MatrixError e) {
      // Whether the room is held was only guessed, if the views were away.
      if (e.status() == 404
          && !presence.isHeld(room)
          && place == RoomPresence.Place.UNKNOWN
          && remote.leave(user, room, content)) {
        return Replies.empty();
      }
      throw e;
    }
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
    change(room, sender, target, action, content);
    return Replies.empty();
  }

  private void change(
      RoomId room, UserId sender, UserId target, Action action, ObjectNode content) {
    if (action != Action.LEAVE) {
      current.requireServerAllowed(room, sender);
    }
    boolean remoteTarget = action == Action.INVITE && invites.isRemote(target);
    Duration wait = remoteTarget ? CommandLog.WAIT_LONG : CommandLog.WAIT;
    writes.submit(
        new RoomCommand.ChangeMembership(
            writes.newId(),
            writes.now(),
            room,
            sender,
            target,
            action,
            content,
            null,
            remoteTarget),
        wait);
    current.decided(room, target, membership(action));
  }

  private static String membership(Action action) {
    return switch (action) {
      case INVITE -> "invite";
      case JOIN, JOIN_AS -> "join";
      case KNOCK -> "knock";
      case BAN -> "ban";
      case LEAVE, KICK, UNBAN -> "leave";
    };
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
