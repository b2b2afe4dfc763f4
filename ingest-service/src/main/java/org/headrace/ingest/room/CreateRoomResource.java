package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.ViewWait;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.log.publish.Outcomes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** POST /createRoom: all initial events are one command, so a room is made whole or not at all. */
@Path("/")
@RunOnVirtualThread
public class CreateRoomResource {
  private static final Logger LOG = Logger.getLogger(CreateRoomResource.class);

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject Profiles profiles;
  @Inject InvitePolicy invites;
  @Inject RandomSource random;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/createRoom")
  public Response create(byte[] bytes) {
    UserId creator = caller.user();
    RoomRequest request = RoomRequest.parse(JsonBody.parse(bytes), creator);
    request.invite().forEach(user -> invites.requireReachable(creator.server(), user));
    if (request.alias() != null && accounts.alias(request.alias()).isPresent()) {
      throw aliasInUse();
    }
    RoomCommand.CreateRoom command =
        new RoomCreation(request, creator, profiles::memberContent, invites::isRemote, random)
            .command(writes.newId(), writes.now());
    ObjectNode result = result(submit(command));
    awaitAlias(command.alias());
    if (request.isListed()) {
      writes.submit(
          new AccountCommand.ListRoom(
              writes.newId(), writes.now(), command.roomId(), creator.server(), true));
    }
    inviteRemote(request, creator, command.roomId());
    return Replies.ok(Json.object().put("room_id", result.path("room_id").asText()));
  }

  private Outcome submit(RoomCommand.CreateRoom command) {
    if (command.alias() == null) {
      return writes.log().submit(command, CommandLog.WAIT_LONG);
    }
    AccountCommand saga =
        new AccountCommand.CreateRoomWithAlias(
            writes.newId(), writes.now(), command.alias(), command.creator(), command);
    return writes.log().submit(saga, command.id(), CommandLog.WAIT_LONG);
  }

  /**
   * Users of other servers are invited when the room is there, since each of those servers is asked
   * to sign. One that refuses does not undo the room.
   */
  private void inviteRemote(RoomRequest request, UserId creator, RoomId room) {
    List<UserId> remote = request.invite().stream().filter(invites::isRemote).toList();
    writes.each(remote, user -> invite(request, creator, room, user));
  }

  private void invite(RoomRequest request, UserId creator, RoomId room, UserId user) {
    ObjectNode content = Json.object();
    if (request.isDirect()) {
      content.put("is_direct", true);
    }
    try {
      ObjectNode unused =
          writes.submit(
              new RoomCommand.ChangeMembership(
                  writes.newId(),
                  writes.now(),
                  room,
                  creator,
                  user,
                  RoomCommand.Action.INVITE,
                  content,
                  null,
                  true),
              CommandLog.WAIT_LONG);
    } catch (MatrixError | NoAnswerException e) {
      LOG.infof("%s was not invited to the new room %s: %s", user, room, e.getMessage());
    }
  }

  /**
   * The alias is reserved until the account's part hears of the room: who reads it next must find
   * it. It is only later if that takes longer than {@link Outcomes#VISIBLE_WAIT}.
   */
  private void awaitAlias(@Nullable RoomAlias alias) {
    boolean unused =
        ViewWait.until(
            () -> alias == null || accounts.alias(alias).isPresent(), Outcomes.VISIBLE_WAIT);
  }

  /** A refused initial event is the request's fault (POST /createRoom, 400). */
  private static ObjectNode result(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      if (failed.failure() == Failure.FORBIDDEN) {
        throw new MatrixError(400, "M_INVALID_ROOM_STATE", failed.message());
      }
      if (failed.failure() == Failure.ALIAS_IN_USE) {
        throw aliasInUse();
      }
    }
    return Writes.result(outcome);
  }

  private static MatrixError aliasInUse() {
    return new MatrixError(400, "M_ROOM_IN_USE", "The room alias is taken");
  }
}
