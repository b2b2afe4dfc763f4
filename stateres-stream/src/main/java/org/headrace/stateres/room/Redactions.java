package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Function;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.roomversion.RoomVersion;

/** Which event a redaction names, and when it applies (room versions, "Handling redactions"). */
final class Redactions {
  static final String TYPE = "m.room.redaction";

  /** Why a redaction that does not apply is shown to nobody: clients would apply what they see. */
  static final String RULE = "REDACTION_APPLIES";

  private Redactions() {}

  /** The event that this one redacts: at the top level until version 10, in the content from 11. */
  static Optional<EventId> target(JsonNode pdu, RoomVersion version) {
    if (!pdu.path("type").asText().equals(TYPE) || pdu.has("state_key")) {
      return Optional.empty();
    }
    JsonNode redacts =
        version.events().redactsInContent()
            ? pdu.path("content").path("redacts")
            : pdu.path("redacts");
    try {
      return redacts.isTextual() ? Optional.of(new EventId(redacts.textValue())) : Optional.empty();
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether an event is a redaction that does not apply to its target, if that is known.
   *
   * @param known finds events of the room that were not rejected
   * @param before the state before the event
   */
  static boolean isInVain(
      RoomVersion version, Pdu event, Function<EventId, Optional<Pdu>> known, StateLookup before) {
    return target(event.json(), version)
        .flatMap(known)
        .filter(target -> !applies(version, event, target, before))
        .isPresent();
  }

  /**
   * Whether a valid redaction applies to a valid event of its room.
   *
   * @param state the state before the redaction
   */
  static boolean applies(RoomVersion version, Pdu redaction, Pdu target, StateLookup state) {
    // Versions 1 and 2 checked this when they authorised the redaction (their auth rule 11).
    if (version.auth().redactionRule()) {
      return true;
    }
    // 1. The sender's power level is at least the redact level.
    PowerLevels levels = PowerLevels.of(version, state);
    if (levels.userLevel(redaction.sender()) >= levels.redact()) {
      return true;
    }
    // 2. The senders' domains match.
    return redaction.sender().server().equals(target.sender().server());
  }
}
