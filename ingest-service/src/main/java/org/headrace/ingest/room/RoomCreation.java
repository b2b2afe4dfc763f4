package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.room.RoomRequest.Preset;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;

/**
 * The command that makes a room: the create event, minted here because its hash is the room's id
 * from version 12 on, and the drafts of the others in the specification's order.
 */
final class RoomCreation {
  private static final int POWER_ADMIN = 100;
  private static final int POWER_MODERATOR = 50;

  /** Above state_default, as version 12 demands of tombstones. */
  private static final int POWER_TOMBSTONE_V12 = 150;

  private final RoomRequest request;
  private final UserId creator;
  private final Function<UserId, ObjectNode> profiles;
  private final Predicate<UserId> remote;
  private final RandomSource random;

  /**
   * @param profiles a new object with what member events carry of a user's profile
   * @param remote whose invites need another server and come later
   */
  RoomCreation(
      RoomRequest request,
      UserId creator,
      Function<UserId, ObjectNode> profiles,
      Predicate<UserId> remote,
      RandomSource random) {
    this.request = request;
    this.creator = creator;
    this.profiles = profiles;
    this.remote = remote;
    this.random = random;
  }

  RoomCommand.CreateRoom command(String id, long ts) {
    ObjectNode create;
    RoomId room;
    try {
      create = CreateEvent.mint(request.version(), creator, createContent(), ts, random);
      room = EventHashes.roomIdOfCreate(create, request.version());
    } catch (InvalidJsonException e) {
      throw MatrixError.badJson("creation_content: " + e.getMessage());
    }
    return new RoomCommand.CreateRoom(
        id, ts, room, request.version().id(), creator, create, drafts(), request.alias());
  }

  private ObjectNode createContent() {
    ObjectNode content = request.creationContent().deepCopy();
    if (isTrusted() && hasPrivilegedCreators()) {
      addCreators(content);
    }
    return content;
  }

  private boolean isTrusted() {
    return request.preset() == Preset.TRUSTED_PRIVATE_CHAT;
  }

  private boolean hasPrivilegedCreators() {
    return request.version().auth().privilegedCreators();
  }

  /** The invited of a trusted chat are creators too, each named once. */
  private void addCreators(ObjectNode content) {
    JsonNode asked = content.path("additional_creators");
    if (!asked.isMissingNode() && !asked.isArray()) {
      throw MatrixError.badJson("creation_content.additional_creators must be an array");
    }
    Set<String> creators = new LinkedHashSet<>();
    asked.forEach(user -> creators.add(user.asText()));
    request.invite().forEach(user -> creators.add(user.value()));
    if (!creators.isEmpty()) {
      ArrayNode array = content.putArray("additional_creators");
      creators.forEach(array::add);
    }
  }

  /** All but the create event, in the order of the specification (POST /createRoom). */
  private List<Draft> drafts() {
    List<Draft> drafts = new ArrayList<>();
    drafts.add(member(creator, profiles.apply(creator).put("membership", "join")));
    drafts.add(state("m.room.power_levels", powerLevels()));
    if (request.alias() != null) {
      drafts.add(
          state("m.room.canonical_alias", Json.object().put("alias", request.alias().value())));
    }
    drafts.add(state("m.room.join_rules", "join_rule", request.preset().joinRule()));
    drafts.add(state("m.room.history_visibility", "history_visibility", Preset.HISTORY_VISIBILITY));
    // That guests are forbidden is what a room without the event says.
    if (request.preset().isPrivate()) {
      drafts.add(state("m.room.guest_access", "guest_access", "can_join"));
    }
    for (RoomRequest.InitialState event : request.initialState()) {
      drafts.add(new Draft(creator, event.type(), event.stateKey(), event.content()));
    }
    if (request.name() != null) {
      drafts.add(state("m.room.name", "name", request.name()));
    }
    if (request.topic() != null) {
      drafts.add(state("m.room.topic", topic(request.topic())));
    }
    for (UserId invited : request.invite().stream().filter(remote.negate()).toList()) {
      ObjectNode content = profiles.apply(invited).put("membership", "invite");
      if (request.isDirect()) {
        content.put("is_direct", true);
      }
      drafts.add(member(invited, content));
    }
    return drafts;
  }

  private ObjectNode powerLevels() {
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!hasPrivilegedCreators()) {
      users.put(creator.value(), POWER_ADMIN);
      if (isTrusted()) {
        request.invite().forEach(user -> users.put(user.value(), POWER_ADMIN));
      }
    }
    levels.put("users_default", 0);
    levels.put("events_default", 0);
    levels.put("state_default", POWER_MODERATOR);
    levels.put("ban", POWER_MODERATOR);
    levels.put("kick", POWER_MODERATOR);
    levels.put("redact", POWER_MODERATOR);
    levels.put("invite", request.preset().isPrivate() ? 0 : POWER_MODERATOR);
    levels
        .putObject("events")
        .put("m.room.name", POWER_MODERATOR)
        .put("m.room.avatar", POWER_MODERATOR)
        .put("m.room.canonical_alias", POWER_MODERATOR)
        .put("m.room.power_levels", POWER_ADMIN)
        .put("m.room.history_visibility", POWER_ADMIN)
        .put("m.room.server_acl", POWER_ADMIN)
        .put("m.room.encryption", POWER_ADMIN)
        .put("m.room.tombstone", hasPrivilegedCreators() ? POWER_TOMBSTONE_V12 : POWER_ADMIN);
    levels.setAll(request.powerLevelOverride());
    return levels;
  }

  private static ObjectNode topic(String text) {
    ObjectNode content = Json.object().put("topic", text);
    content
        .putObject("m.topic")
        .putArray("m.text")
        .addObject()
        .put("mimetype", "text/plain")
        .put("body", text);
    return content;
  }

  private Draft member(UserId user, ObjectNode content) {
    return new Draft(creator, "m.room.member", user.value(), content);
  }

  private Draft state(String type, String member, String value) {
    return state(type, Json.object().put(member, value));
  }

  private Draft state(String type, ObjectNode content) {
    return new Draft(creator, type, "", content);
  }
}
