package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RedactionFlags;
import org.headrace.core.roomversion.RoomVersion;

/**
 * Splits an event into what is kept for ever in the room's log and what a redaction takes away. The
 * skeleton is the redacted event plus every key that an auth rule, state resolution or history
 * visibility reads in any branch, so replay decides the same without the body.
 */
public final class EventSkeleton {
  private static final Set<String> CREATE =
      Set.of("creator", "room_version", "m.federate", "additional_creators");

  private static final Set<String> POWER_LEVELS =
      Set.of(
          "ban",
          "events",
          "events_default",
          "invite",
          "kick",
          "notifications",
          "redact",
          "state_default",
          "users",
          "users_default");

  private static final Set<String> THIRD_PARTY_INVITE = Set.of("public_key", "public_keys");

  /** The two parts of an event; each shares its values with the event. */
  public record Split(ObjectNode skeleton, ObjectNode body) {}

  private EventSkeleton() {}

  /** Splits an event whose format was checked; {@link #join} gives an equal one back. */
  public static Split split(ObjectNode pdu, RoomVersion version) {
    String type = pdu.path("type").asText();
    RedactionFlags flags = version.redaction();
    ObjectNode skeleton = Json.object();
    ObjectNode body = Json.object();
    for (Map.Entry<String, JsonNode> member : pdu.properties()) {
      String key = member.getKey();
      if (key.equals("content") && member.getValue() instanceof ObjectNode content) {
        splitContent(type, content, flags, skeleton.putObject("content"), body);
      } else if (Redaction.keepsTopLevel(key, flags) || isRedacts(type, key)) {
        skeleton.set(key, member.getValue());
      } else {
        body.set(key, member.getValue());
      }
    }
    return new Split(skeleton, body);
  }

  /** Puts the parts together again; member order may differ from the original's. */
  public static ObjectNode join(ObjectNode skeleton, ObjectNode body) {
    ObjectNode joined = Json.object();
    joined.setAll(skeleton);
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      JsonNode present = joined.get(member.getKey());
      joined.set(
          member.getKey(),
          present instanceof ObjectNode left && member.getValue() instanceof ObjectNode right
              ? join(left, right)
              : member.getValue());
    }
    return joined;
  }

  private static void splitContent(
      String type, ObjectNode content, RedactionFlags flags, ObjectNode kept, ObjectNode body) {
    ObjectNode rest = Json.object();
    for (Map.Entry<String, JsonNode> member : content.properties()) {
      String key = member.getKey();
      JsonNode value = member.getValue();
      if (Redaction.keepsContent(type, key, flags) || authReads(type, key)) {
        kept.set(key, value);
      } else if (type.equals("m.room.member") && key.equals("third_party_invite")) {
        splitThirdPartyInvite(value, kept, rest);
      } else {
        rest.set(key, value);
      }
    }
    if (!rest.isEmpty()) {
      body.set("content", rest);
    }
  }

  /** Auth rules read its presence and {@code signed}; what a user wrote beside goes. */
  private static void splitThirdPartyInvite(JsonNode value, ObjectNode kept, ObjectNode rest) {
    if (!(value instanceof ObjectNode invite)) {
      kept.set("third_party_invite", value);
      return;
    }
    kept.set("third_party_invite", Redaction.signedOnly(invite));
    ObjectNode others = Json.object();
    others.setAll(invite);
    others.remove("signed");
    if (!others.isEmpty()) {
      rest.set("third_party_invite", others);
    }
  }

  /** The target of a redaction is needed to apply it on replay, wherever the version puts it. */
  private static boolean isRedacts(String type, String key) {
    return type.equals("m.room.redaction") && key.equals("redacts");
  }

  private static boolean authReads(String type, String key) {
    return switch (type) {
      case "m.room.create" -> CREATE.contains(key);
      case "m.room.member" ->
          key.equals("membership") || key.equals("join_authorised_via_users_server");
      case "m.room.join_rules" -> key.equals("join_rule") || key.equals("allow");
      case "m.room.power_levels" -> POWER_LEVELS.contains(key);
      case "m.room.third_party_invite" -> THIRD_PARTY_INVITE.contains(key);
      case "m.room.history_visibility" -> key.equals("history_visibility");
      case "m.room.redaction" -> key.equals("redacts");
      // Not an auth rule: whether events need a policy server's signature, and by which key.
      case "m.room.policy" -> key.equals("via") || key.equals("public_keys");
      default -> false;
    };
  }
}
