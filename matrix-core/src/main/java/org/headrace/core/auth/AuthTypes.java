package org.headrace.core.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;

/** Which state an event's {@code auth_events} name (server-server API, "Auth events selection"). */
public final class AuthTypes {
  private AuthTypes() {}

  /**
   * The keys whose current events, where the room has them, authorise this event; in the order of
   * the specification, each once. Empty for the create event.
   */
  public static List<StateKey> forEvent(
      RoomVersion version,
      String type,
      Optional<String> stateKey,
      UserId sender,
      ObjectNode content) {
    if (type.equals("m.room.create")) {
      return List.of();
    }
    Set<StateKey> keys = new LinkedHashSet<>();
    if (!version.auth().createFromRoomId()) {
      keys.add(StateKey.CREATE);
    }
    keys.add(StateKey.POWER_LEVELS);
    keys.add(StateKey.member(sender.value()));
    if (type.equals("m.room.member") && stateKey.isPresent()) {
      addForMember(version, stateKey.get(), content, keys);
    }
    return new ArrayList<>(keys);
  }

  /** The same for an event that is there. */
  public static List<StateKey> forEvent(RoomVersion version, Pdu event) {
    return forEvent(version, event.type(), event.stateKey(), event.sender(), event.content());
  }

  private static void addForMember(
      RoomVersion version, String target, ObjectNode content, Set<StateKey> keys) {
    keys.add(StateKey.member(target));
    String membership = content.path("membership").asText();
    if (membership.equals("join") || membership.equals("invite") || membership.equals("knock")) {
      keys.add(StateKey.JOIN_RULES);
    }
    JsonNode token = content.path("third_party_invite").path("signed").path("token");
    if (membership.equals("invite") && token.isTextual()) {
      keys.add(new StateKey("m.room.third_party_invite", token.textValue()));
    }
    JsonNode authoriser = content.path("join_authorised_via_users_server");
    if (membership.equals("join") && authoriser.isTextual() && version.auth().restrictedJoin()) {
      keys.add(StateKey.member(authoriser.textValue()));
    }
  }
}
