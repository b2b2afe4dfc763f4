package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * What a createRoom request asks for, checked in form.
 *
 * @param invite the invited, in order, each once, without the creator
 */
record RoomRequest(
    RoomVersion version,
    Preset preset,
    @Nullable String name,
    @Nullable String topic,
    @Nullable RoomAlias alias,
    List<UserId> invite,
    boolean isDirect,
    boolean isListed,
    ObjectNode creationContent,
    List<InitialState> initialState,
    ObjectNode powerLevelOverride) {

  /** Users that one request may invite. */
  static final int INVITES_MAX = 500;

  static final int INITIAL_STATE_MAX = 300;
  static final int CREATE_ROOM_BYTES_MAX = 512 * 1024;

  /** A state event of {@code initial_state}. */
  record InitialState(String type, String stateKey, ObjectNode content) {}

  /** The presets (client-server API, POST /createRoom). */
  enum Preset {
    PRIVATE_CHAT("invite", true),
    TRUSTED_PRIVATE_CHAT("invite", true),
    PUBLIC_CHAT("public", false);

    static final String HISTORY_VISIBILITY = "shared";

    private final String joinRule;
    private final boolean isPrivate;

    Preset(String joinRule, boolean isPrivate) {
      this.joinRule = joinRule;
      this.isPrivate = isPrivate;
    }

    String joinRule() {
      return joinRule;
    }

    /** Guests may join, and every member may invite. */
    boolean isPrivate() {
      return isPrivate;
    }
  }

  static RoomRequest parse(JsonBody body, UserId creator) {
    Sizes.require(body.json(), CREATE_ROOM_BYTES_MAX, "A request for a room");
    if (!body.array("invite_3pid").isEmpty()) {
      throw MatrixError.invalidParam("This server has no identity server to invite through");
    }
    return new RoomRequest(
        version(body),
        preset(body),
        body.optionalString("name").orElse(null),
        body.optionalString("topic").orElse(null),
        body.optionalString("room_alias_name").map(name -> alias(name, creator)).orElse(null),
        invite(body, creator),
        body.bool("is_direct", false),
        isListed(body),
        body.optionalObject("creation_content").map(JsonBody::json).orElseGet(Json::object),
        initialState(body),
        body.optionalObject("power_level_content_override")
            .map(JsonBody::json)
            .orElseGet(Json::object));
  }

  private static RoomVersion version(JsonBody body) {
    Optional<String> asked = body.optionalString("room_version");
    return asked.isEmpty()
        ? RoomVersion.DEFAULT
        : RoomVersion.find(asked.get())
            .orElseThrow(
                () ->
                    new MatrixError(
                        400, "M_UNSUPPORTED_ROOM_VERSION", "This room version is not supported"));
  }

  private static boolean isListed(JsonBody body) {
    return switch (body.optionalString("visibility").orElse("private")) {
      case "public" -> true;
      case "private" -> false;
      default -> throw MatrixError.invalidParam("visibility must be public or private");
    };
  }

  private static Preset preset(JsonBody body) {
    boolean listed = isListed(body);
    Optional<String> asked = body.optionalString("preset");
    if (asked.isEmpty()) {
      return listed ? Preset.PUBLIC_CHAT : Preset.PRIVATE_CHAT;
    }
    return switch (asked.get()) {
      case "private_chat" -> Preset.PRIVATE_CHAT;
      case "trusted_private_chat" -> Preset.TRUSTED_PRIVATE_CHAT;
      case "public_chat" -> Preset.PUBLIC_CHAT;
      default -> throw MatrixError.invalidParam("This preset is not known");
    };
  }

  private static RoomAlias alias(String localpart, UserId creator) {
    try {
      RoomAlias alias = new RoomAlias("#" + localpart + ":" + creator.server());
      if (!localpart.isEmpty() && alias.localpart().equals(localpart)) {
        return alias;
      }
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam("room_alias_name makes no room alias: " + e.getMessage());
    }
    throw MatrixError.invalidParam("room_alias_name must be a room alias's part before its ':'");
  }

  private static List<UserId> invite(JsonBody body, UserId creator) {
    List<UserId> invite =
        body.strings("invite").stream()
            .map(Ids::user)
            .filter(user -> !user.equals(creator))
            .distinct()
            .toList();
    if (invite.size() > INVITES_MAX) {
      throw MatrixError.invalidParam("invite may name " + INVITES_MAX + " users at most");
    }
    return invite;
  }

  private static List<InitialState> initialState(JsonBody body) {
    List<InitialState> events = new ArrayList<>();
    for (JsonBody event : body.objects("initial_state")) {
      events.add(
          new InitialState(
              event.requireString("type"),
              event.optionalString("state_key").orElse(""),
              event.requireObject("content").json()));
    }
    if (events.size() > INITIAL_STATE_MAX) {
      throw MatrixError.invalidParam(
          "initial_state may hold " + INITIAL_STATE_MAX + " events at most");
    }
    return events;
  }
}
