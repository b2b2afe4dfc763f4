package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.RandomSource;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.Revision;
import org.jspecify.annotations.Nullable;

/**
 * The room that replaces another (client-server API, "Room Upgrades"): what it takes over of the
 * old room's state. The power levels come last, since the upgrading user may need more to set up
 * the rest than they leave them.
 */
final class RoomUpgrade {
  private static final List<String> TRANSFERRED =
      List.of(
          "m.room.server_acl",
          "m.room.encryption",
          "m.room.name",
          "m.room.avatar",
          "m.room.topic",
          "m.room.guest_access",
          "m.room.history_visibility",
          "m.room.join_rules");

  /** Taken over, and away from the old room, where the alias it names moves. */
  static final StateKey CANONICAL_ALIAS = new StateKey("m.room.canonical_alias", "");

  private static final long POWER_MODERATOR = 50;
  private static final long POWER_ADMIN = 100;

  /** Above state_default, as version 12 demands of tombstones. */
  private static final long POWER_TOMBSTONE_V12 = 150;

  private final RoomId old;
  private final RoomVersion oldVersion;
  private final Map<StateKey, Pdu> state;
  private final RoomVersion version;
  private final UserId user;
  private final List<UserId> additionalCreators;

  /** {@code state}: of the old room, as far as an upgrade reads it. */
  RoomUpgrade(
      RoomId old,
      RoomVersion oldVersion,
      Map<StateKey, Pdu> state,
      RoomVersion version,
      UserId user,
      List<UserId> additionalCreators) {
    this.old = old;
    this.oldVersion = oldVersion;
    this.state = state;
    this.version = version;
    this.user = user;
    this.additionalCreators = additionalCreators;
  }

  /** The keys of the old state that the constructor wants. */
  static List<StateKey> keys() {
    List<StateKey> keys = new ArrayList<>();
    keys.add(StateKey.CREATE);
    keys.add(StateKey.POWER_LEVELS);
    TRANSFERRED.forEach(type -> keys.add(new StateKey(type, "")));
    return keys;
  }

  /**
   * The command that makes the new room.
   *
   * @param last the last known event of the old room
   * @param member what the user's member event carries of their profile
   */
  RoomCommand.CreateRoom command(
      String id, long ts, @Nullable EventId last, ObjectNode member, RandomSource random) {
    try {
      ObjectNode create = CreateEvent.mint(version, user, createContent(last), ts, random);
      RoomId room = EventHashes.roomIdOfCreate(create, version);
      return new RoomCommand.CreateRoom(
          id, ts, room, version.id(), user, create, drafts(member), null);
    } catch (InvalidJsonException e) {
      throw MatrixError.badJson("The old room's state cannot be taken over: " + e.getMessage());
    }
  }

  private ObjectNode createContent(@Nullable EventId last) {
    ObjectNode content = Json.object();
    Optional<Pdu> create = Optional.ofNullable(state.get(StateKey.CREATE));
    create.ifPresent(
        event -> {
          for (String member : List.of("type", "m.federate")) {
            if (event.content().has(member)) {
              content.set(member, event.content().get(member));
            }
          }
        });
    ObjectNode predecessor = content.putObject("predecessor").put("room_id", old.value());
    if (last != null && !version.auth().privilegedCreators()) {
      predecessor.put("event_id", last.value());
    }
    if (version.auth().privilegedCreators() && !additionalCreators.isEmpty()) {
      ArrayNode creators = content.putArray("additional_creators");
      additionalCreators.forEach(creator -> creators.add(creator.value()));
    }
    return content;
  }

  private List<Draft> drafts(ObjectNode member) {
    List<Draft> drafts = new ArrayList<>();
    drafts.add(new Draft(user, "m.room.member", user.value(), member.put("membership", "join")));
    ObjectNode levels = powerLevels();
    drafts.add(new Draft(user, "m.room.power_levels", "", setUp(levels)));
    for (String type : TRANSFERRED) {
      Pdu event = state.get(new StateKey(type, ""));
      if (event != null) {
        drafts.add(new Draft(user, type, "", event.content()));
      }
    }
    Pdu alias = state.get(CANONICAL_ALIAS);
    if (alias != null) {
      drafts.add(new Draft(user, CANONICAL_ALIAS.type(), "", alias.content()));
    }
    drafts.add(new Draft(user, "m.room.power_levels", "", levels));
    return drafts;
  }

  /** What the old room gets after its tombstone. */
  List<Revision> closing() {
    List<Revision> revisions = new ArrayList<>();
    Pdu alias = state.get(CANONICAL_ALIAS);
    if (alias != null) {
      revisions.add(revision(alias, Json.object()));
    }
    Pdu levels = state.get(StateKey.POWER_LEVELS);
    if (levels != null) {
      quiet(levels.content()).ifPresent(quiet -> revisions.add(revision(levels, quiet)));
    }
    return revisions;
  }

  private Revision revision(Pdu present, ObjectNode content) {
    return new Revision(new Draft(user, present.type(), "", content), present.id());
  }

  /** Nobody but moderators speaks in the old room, or invites into it, any more. */
  private static Optional<ObjectNode> quiet(ObjectNode present) {
    ObjectNode levels = present.deepCopy();
    long silent = Math.max(POWER_MODERATOR, levels.path("users_default").asLong() + 1);
    boolean changed = false;
    for (String level : List.of("events_default", "invite")) {
      if (levels.path(level).asLong() < silent) {
        levels.put(level, silent);
        changed = true;
      }
    }
    return changed ? Optional.of(levels) : Optional.empty();
  }

  /** The old levels, with creators as the new version has them. */
  private ObjectNode powerLevels() {
    Pdu present = state.get(StateKey.POWER_LEVELS);
    ObjectNode levels = present == null ? Json.object() : present.content().deepCopy();
    ObjectNode users = levels.withObjectProperty("users");
    if (version.auth().privilegedCreators()) {
      users.remove(user.value());
      additionalCreators.forEach(creator -> users.remove(creator.value()));
      ObjectNode events = levels.withObjectProperty("events");
      if (!oldVersion.auth().privilegedCreators()) {
        events.put("m.room.tombstone", POWER_TOMBSTONE_V12);
      }
    } else if (oldVersion.auth().privilegedCreators()) {
      for (String creator : oldCreators()) {
        users.put(creator, POWER_ADMIN);
      }
    }
    return levels;
  }

  private SortedSet<String> oldCreators() {
    Pdu create = state.get(StateKey.CREATE);
    return create == null ? new TreeSet<>() : PowerLevels.creators(oldVersion, create);
  }

  /**
   * While the room is set up nobody else is in it, and its user may do all that the state takes.
   */
  private ObjectNode setUp(ObjectNode levels) {
    ObjectNode first = levels.deepCopy();
    if (!version.auth().privilegedCreators()) {
      first.withObjectProperty("users").put(user.value(), highest(levels));
    }
    return first;
  }

  private static long highest(JsonNode levels) {
    long highest = POWER_ADMIN;
    for (JsonNode level : levels) {
      highest = Math.max(highest, level.isObject() ? highest(level) : level.asLong());
    }
    return highest;
  }
}
