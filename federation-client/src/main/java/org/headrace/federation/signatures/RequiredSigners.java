package org.headrace.federation.signatures;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;

/** Whose signatures an event needs ("Validating hashes and signatures on received events"). */
final class RequiredSigners {
  private RequiredSigners() {}

  /**
   * Those without which the event is dropped: the sender's server unless the event is a third-party
   * invite, in room versions 1 and 2 the event id's too. Throws {@link InvalidIdException} if they
   * cannot be told.
   */
  static SortedSet<ServerName> of(ObjectNode pdu, RoomVersion version) {
    SortedSet<ServerName> signers = new TreeSet<>();
    if (!isThirdPartyInvite(pdu)) {
      signers.add(sender(pdu));
    }
    if (version.events().idGiven()) {
      String id = pdu.path("event_id").asText();
      signers.add(new ServerName(id.substring(id.indexOf(':') + 1)));
    }
    return signers;
  }

  static ServerName sender(ObjectNode pdu) {
    return new UserId(pdu.path("sender").asText()).server();
  }

  /** The server of the user who authorises a restricted join, if the event names one. */
  static Optional<ServerName> authorising(ObjectNode pdu, RoomVersion version) {
    JsonNode user = pdu.path("content").path("join_authorised_via_users_server");
    if (!version.auth().restrictedJoin()
        || !pdu.path("type").asText().equals("m.room.member")
        || !user.isTextual()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new UserId(user.textValue()).server());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private static boolean isThirdPartyInvite(ObjectNode pdu) {
    JsonNode content = pdu.path("content");
    return pdu.path("type").asText().equals("m.room.member")
        && content.path("membership").asText().equals("invite")
        && content.has("third_party_invite");
  }
}
