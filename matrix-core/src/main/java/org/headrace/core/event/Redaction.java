package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RedactionFlags;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The redaction algorithm: what remains of an event, and what its reference hash and its signatures
 * cover (room versions, "Redactions"). The result shares its values with the input.
 */
public final class Redaction {
  private static final Set<String> TOP_LEVEL =
      Set.of(
          "event_id",
          "type",
          "room_id",
          "sender",
          "state_key",
          "content",
          "hashes",
          "signatures",
          "depth",
          "prev_events",
          "auth_events",
          "origin_server_ts");

  private static final Set<String> TOP_LEVEL_BEFORE_V11 =
      Set.of("prev_state", "origin", "membership");

  private static final Set<String> POWER_LEVELS =
      Set.of(
          "ban",
          "events",
          "events_default",
          "kick",
          "redact",
          "state_default",
          "users",
          "users_default");

  private Redaction() {}

  /** The event as it is after a redaction, in this room version. */
  public static ObjectNode redact(ObjectNode pdu, RoomVersion version) {
    RedactionFlags flags = version.redaction();
    ObjectNode redacted = Json.object();
    for (Map.Entry<String, JsonNode> member : pdu.properties()) {
      String key = member.getKey();
      if (key.equals("content")) {
        String type = pdu.path("type").asText();
        redacted.set(key, redactContent(type, member.getValue(), flags));
      } else if (keepsTopLevel(key, flags)) {
        redacted.set(key, member.getValue());
      }
    }
    return redacted;
  }

  static boolean keepsTopLevel(String key, RedactionFlags flags) {
    return TOP_LEVEL.contains(key)
        || (flags.keepsOriginMembershipPrevState() && TOP_LEVEL_BEFORE_V11.contains(key));
  }

  static boolean keepsContent(String type, String key, RedactionFlags flags) {
    return switch (type) {
      case "m.room.member" ->
          key.equals("membership")
              || (flags.keepsMemberAuthorised() && key.equals("join_authorised_via_users_server"));
      case "m.room.create" -> flags.keepsCreateContent() || key.equals("creator");
      case "m.room.join_rules" ->
          key.equals("join_rule") || (flags.keepsJoinRulesAllow() && key.equals("allow"));
      case "m.room.power_levels" ->
          POWER_LEVELS.contains(key) || (flags.keepsPowerLevelsInvite() && key.equals("invite"));
      case "m.room.aliases" -> flags.keepsAliases() && key.equals("aliases");
      case "m.room.history_visibility" -> key.equals("history_visibility");
      case "m.room.redaction" -> flags.keepsRedactionRedacts() && key.equals("redacts");
      default -> false;
    };
  }

  private static JsonNode redactContent(String type, JsonNode content, RedactionFlags flags) {
    ObjectNode redacted = Json.object();
    for (Map.Entry<String, JsonNode> member : content.properties()) {
      String key = member.getKey();
      if (keepsContent(type, key, flags)) {
        redacted.set(key, member.getValue());
      } else if (flags.keepsMemberThirdPartySigned()
          && type.equals("m.room.member")
          && key.equals("third_party_invite")
          && member.getValue() instanceof ObjectNode invite) {
        redacted.set(key, signedOnly(invite));
      }
    }
    return redacted;
  }

  /** The {@code third_party_invite} with nothing but its {@code signed}, if it has that. */
  static ObjectNode signedOnly(ObjectNode invite) {
    ObjectNode kept = Json.object();
    JsonNode signed = invite.get("signed");
    if (signed != null) {
      kept.set("signed", signed);
    }
    return kept;
  }
}
