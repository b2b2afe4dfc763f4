package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** POST /createRoom: all initial events are one command, so a room is made whole or not at all. */
@Path("/")
@RunOnVirtualThread
public class CreateRoomResource {
  /** How often it is looked whether a new room's alias is there. */
  private static final Duration ALIAS_CHECK = Duration.ofMillis(5);

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
    request.invite().forEach(invites::requireReachable);
    if (request.alias() != null && accounts.alias(request.alias()).isPresent()) {
      throw aliasInUse();
    }
    RoomCommand.CreateRoom command =
        new RoomCreation(request, creator, profiles::memberContent, random)
            .command(writes.newId(), writes.now());
    ObjectNode result = result(submit(command));
    awaitAlias(command.alias());
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
   * The alias is reserved until the account's part hears of the room: who reads it next must find
   * it. It is only later if that takes longer than {@link Outcomes#VISIBLE_WAIT}.
   */
  private void awaitAlias(@Nullable RoomAlias alias) {
    long end = System.nanoTime() + Outcomes.VISIBLE_WAIT.toNanos();
    while (alias != null && accounts.alias(alias).isEmpty() && System.nanoTime() - end < 0) {
      try {
        Thread.sleep(ALIAS_CHECK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
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
