package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.headrace.ingest.client.ViewWait;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomLimits;

/**
 * POST /upgrade (client-server API, "Room Upgrades"): the two rooms do it by themselves once the
 * old one is asked. The new room and the tombstone must be; what follows (aliases, the old room's
 * power levels) is done as far as the user may.
 */
@Path("/")
@RunOnVirtualThread
public class UpgradeResource {
  private static final String TOMBSTONE = "m.room.tombstone";
  private static final int CREATORS_MAX = 100;

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
    boolean mayMoveOthers = current.maySetAliases(old, user);
    Optional<Pdu> named = current.event(old, RoomUpgrade.CANONICAL_ALIAS);
    List<RoomAlias> aliases =
        moving(old, user, mayMoveOthers, named.map(Pdu::content).orElseGet(Json::object));
    named
        .filter(event -> aliases.stream().anyMatch(alias -> isMain(alias, event.content())))
        .ifPresent(event -> state.put(RoomUpgrade.CANONICAL_ALIAS, event));
    RoomCommand.CreateRoom create =
        upgrade.command(writes.newId(), writes.now(), last, profiles.memberContent(user), random);
    RoomCommand.Closing closing =
        new RoomCommand.Closing(
            tombstone(user, create.roomId()),
            upgrade.closing(),
            aliases,
            mayMoveOthers,
            accounts.isListed(user.server(), old) ? user.server() : null);
    RoomId replacement =
        submit(
            new RoomCommand.UpgradeRoom(writes.newId(), writes.now(), old, user, create, closing));
    // Their partitions are others than that of the old room, whose outcome this was.
    boolean unused =
        ViewWait.until(
            () ->
                rooms.room(replacement).isPresent()
                    && aliases.stream().noneMatch(alias -> pointsTo(alias, old)),
            Outcomes.VISIBLE_WAIT);
    return Replies.ok(Json.object().put("replacement_room", replacement.value()));
  }

  /** The new room; also where an earlier request for the same is still under way. */
  private RoomId submit(RoomCommand.UpgradeRoom command) {
    ObjectNode result = ask(command);
    if (result.has(Pending.MEMBER)) {
      RoomId awaited = replacement(result);
      if (ViewWait.until(
          () -> replacementOf(command.roomId()).filter(awaited::equals).isPresent(),
          CommandLog.WAIT_LONG)) {
        return awaited;
      }
      // If it was dropped, which no view shows, this one is begun now.
      result =
          ask(
              new RoomCommand.UpgradeRoom(
                  writes.newId(),
                  writes.now(),
                  command.roomId(),
                  command.user(),
                  command.create(),
                  command.closing()));
    }
    if (result.has(Pending.MEMBER)) {
      throw new MatrixError(504, "M_UNKNOWN", "The room is being upgraded; try again");
    }
    return replacement(result);
  }

  private ObjectNode ask(RoomCommand.UpgradeRoom command) {
    return Writes.result(
        writes.log().submit(command, Pending.idOf(command.id()), CommandLog.WAIT_LONG));
  }

  private static RoomId replacement(ObjectNode result) {
    return new RoomId(result.path("replacement_room").asText());
  }

  /** What the room's tombstone says. */
  private Optional<RoomId> replacementOf(RoomId room) {
    return current
        .event(room, new StateKey(TOMBSTONE, ""))
        .map(event -> event.content().path("replacement_room").asText())
        .filter(text -> !text.isEmpty())
        .map(Ids::room);
  }

  private boolean pointsTo(RoomAlias alias, RoomId room) {
    return accounts.alias(alias).filter(room::equals).isPresent();
  }

  /** Aliases that the user may move to the new room; those that the room names first. */
  private List<RoomAlias> moving(
      RoomId room, UserId user, boolean mayMoveOthers, ObjectNode canonical) {
    Set<String> alternative = new HashSet<>();
    canonical.path("alt_aliases").forEach(alias -> alternative.add(alias.asText()));
    return accounts.aliasesOf(room).stream()
        .filter(alias -> alias.server().equals(user.server()))
        .filter(
            alias -> mayMoveOthers || accounts.aliasCreator(alias).filter(user::equals).isPresent())
        .sorted(
            Comparator.comparing((RoomAlias alias) -> !isMain(alias, canonical))
                .thenComparing(alias -> !alternative.contains(alias.value())))
        .limit(RoomLimits.UPGRADE_ALIASES_MAX)
        .toList();
  }

  private static boolean isMain(RoomAlias alias, ObjectNode canonical) {
    return canonical.path("alias").asText().equals(alias.value());
  }

  private static Draft tombstone(UserId user, RoomId replacement) {
    ObjectNode content =
        Json.object()
            .put("body", "This room has been replaced")
            .put("replacement_room", replacement.value());
    return new Draft(user, TOMBSTONE, "", content);
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
}
