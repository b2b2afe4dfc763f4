package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.jboss.logging.Logger;

/**
 * POST /upgrade (client-server API, "Room Upgrades"). The new room and the tombstone must be; what
 * follows (aliases, the old room's power levels) is done as far as the user may.
 */
@Path("/")
@RunOnVirtualThread
public class UpgradeResource {
  private static final Logger LOG = Logger.getLogger(UpgradeResource.class);
  private static final String TOMBSTONE = "m.room.tombstone";
  private static final StateKey CANONICAL_ALIAS = new StateKey("m.room.canonical_alias", "");
  private static final int CREATORS_MAX = 100;
  private static final long POWER_MODERATOR = 50;

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject CurrentState current;
  @Inject RoomsView rooms;
  @Inject Profiles profiles;
  @Inject RandomSource random;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/upgrade")
  public Response upgrade(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    RoomId old = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    RoomVersion version =
        RoomVersion.find(body.requireString("new_version"))
            .orElseThrow(
                () ->
                    new MatrixError(
                        400, "M_UNSUPPORTED_ROOM_VERSION", "This room version is not supported"));
    List<UserId> creators = creators(body, user);
    RoomsView.Room row =
        rooms.room(old).orElseThrow(() -> MatrixError.forbidden("You are not in this room"));
    RoomVersion oldVersion = RoomVersion.find(row.roomVersion()).orElseThrow();
    Map<StateKey, Pdu> state = new TreeMap<>();
    for (StateKey key : RoomUpgrade.keys()) {
      current.event(old, key).ifPresent(event -> state.put(key, event));
    }
    requirePower(old, oldVersion, user);
    RoomUpgrade upgrade = new RoomUpgrade(old, oldVersion, state, version, user, creators);
    EventId last = row.extremities().isEmpty() ? null : row.extremities().getFirst();
    RoomCommand.CreateRoom create =
        upgrade.command(writes.newId(), writes.now(), last, profiles.memberContent(user), random);
    ObjectNode made = Writes.result(writes.log().submit(create, CommandLog.WAIT_LONG));
    RoomId replacement = new RoomId(made.path("room_id").asText());
    moveAliases(old, replacement, user);
    ObjectNode tombstone =
        Json.object()
            .put("body", "This room has been replaced")
            .put("replacement_room", replacement.value());
    ObjectNode unused = send(old, user, TOMBSTONE, tombstone);
    quieten(old, user, state);
    return Replies.ok(Json.object().put("replacement_room", replacement.value()));
  }

  private static List<UserId> creators(JsonBody body, UserId user) {
    List<UserId> creators =
        body.strings("additional_creators").stream()
            .map(Ids::user)
            .filter(creator -> !creator.equals(user))
            .distinct()
            .toList();
    if (creators.size() > CREATORS_MAX) {
      throw MatrixError.invalidParam(
          "additional_creators may name " + CREATORS_MAX + " users at most");
    }
    return creators;
  }

  private void requirePower(RoomId room, RoomVersion version, UserId user) {
    current.requireJoined(room, user);
    current.requireServerAllowed(room, user);
    PowerLevels levels = PowerLevels.of(version, key -> current.event(room, key));
    if (levels.userLevel(user) < levels.required(TOMBSTONE, true)) {
      throw MatrixError.forbidden("You may not send a tombstone in this room");
    }
  }

  /** The aliases of hosted servers, and their mention in the room's state. */
  private void moveAliases(RoomId old, RoomId replacement, UserId user) {
    List<RoomAlias> moved = new ArrayList<>();
    for (RoomAlias alias : accounts.aliasesOf(old)) {
      attempt(
          "move " + alias,
          () -> {
            writes.submit(
                new AccountCommand.DeleteAlias(
                    writes.newId(), writes.now(), alias, user, current.maySetAliases(old, user)));
            writes.submit(
                new AccountCommand.SetAlias(
                    writes.newId(), writes.now(), alias, replacement, user));
            moved.add(alias);
          });
    }
    current
        .event(old, CANONICAL_ALIAS)
        .filter(
            event ->
                moved.stream()
                    .anyMatch(
                        alias -> alias.value().equals(event.content().path("alias").asText())))
        .ifPresent(
            event ->
                attempt(
                    "name the new room's alias",
                    () -> {
                      send(replacement, user, CANONICAL_ALIAS.type(), event.content());
                      send(old, user, CANONICAL_ALIAS.type(), Json.object());
                    }));
  }

  /** Nobody but moderators speaks in the old room, or invites into it, any more. */
  private void quieten(RoomId old, UserId user, Map<StateKey, Pdu> state) {
    Pdu present = state.get(StateKey.POWER_LEVELS);
    if (present == null) {
      return;
    }
    ObjectNode levels = present.content().deepCopy();
    long silent = Math.max(POWER_MODERATOR, levels.path("users_default").asLong() + 1);
    boolean changed = false;
    for (String level : List.of("events_default", "invite")) {
      JsonNode now = levels.path(level);
      if (now.asLong() < silent) {
        levels.put(level, silent);
        changed = true;
      }
    }
    if (changed) {
      attempt("quieten the old room", () -> send(old, user, "m.room.power_levels", levels));
    }
  }

  private ObjectNode send(RoomId room, UserId user, String type, ObjectNode content) {
    return writes.submit(
        new RoomCommand.SendEvent(
            writes.newId(), writes.now(), room, new Draft(user, type, "", content), null));
  }

  private static void attempt(String what, Runnable step) {
    try {
      step.run();
    } catch (MatrixError e) {
      LOG.infof("An upgrade could not %s: %s", what, e.getMessage());
    }
  }
}
