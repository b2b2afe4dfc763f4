package org.headrace.core.auth;

import static org.headrace.core.auth.AuthResult.ALLOWED;
import static org.headrace.core.auth.AuthResult.denied;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.roomversion.RoomVersion;

/** The rules about one event against one state: 4 to 11, member events and power levels apart. */
final class StateRules {
  private final RoomVersion version;
  private final Pdu event;
  private final Pdu create;
  private final AuthEvidence evidence;
  private final StateLookup state;
  private final PowerLevels levels;

  StateRules(RoomVersion version, Pdu event, Pdu create, AuthEvidence evidence, StateLookup state) {
    this.version = version;
    this.event = event;
    this.create = create;
    this.evidence = evidence;
    this.state = state;
    this.levels = PowerLevels.of(version, state.get(StateKey.POWER_LEVELS), Optional.of(create));
  }

  AuthResult check() {
    // 4
    JsonNode federate = create.content().path("m.federate");
    if (federate.isBoolean()
        && !federate.booleanValue()
        && !event.sender().server().equals(create.sender().server())) {
      return denied(AuthRule.FEDERATION, "the room is not open to other servers");
    }
    // 4 (versions 1 to 5)
    if (version.auth().aliasesRule() && event.type().equals("m.room.aliases")) {
      return checkAliases();
    }
    // 5
    if (event.type().equals("m.room.member")) {
      return new MemberRules(version, event, create, evidence, state, levels).check();
    }
    // 6
    if (!Membership.of(state, event.sender().value()).equals(Membership.JOIN)) {
      return denied(AuthRule.SENDER_MEMBERSHIP, event.sender() + " is not in the room");
    }
    long senderLevel = levels.userLevel(event.sender());
    // 7
    if (event.type().equals("m.room.third_party_invite")) {
      return senderLevel >= levels.invite()
          ? ALLOWED
          : denied(AuthRule.THIRD_PARTY_INVITE_LEVEL, "inviting takes a higher power level");
    }
    // 8
    if (levels.required(event.type(), event.isState()) > senderLevel) {
      return denied(
          AuthRule.REQUIRED_LEVEL, "sending " + event.type() + " takes a higher power level");
    }
    // 9
    Optional<String> stateKey = event.stateKey();
    if (stateKey.isPresent()
        && stateKey.get().startsWith("@")
        && !stateKey.get().equals(event.sender().value())) {
      return denied(
          AuthRule.STATE_KEY_OF_OTHER_USER, "a state key that is a user id must be the sender");
    }
    // 10
    if (event.type().equals("m.room.power_levels")) {
      return new PowerLevelsRules(version, event, levels).check();
    }
    // 11 (versions 1 and 2)
    if (version.auth().redactionRule() && event.type().equals("m.room.redaction")) {
      return checkRedaction(senderLevel);
    }
    // 11
    return ALLOWED;
  }

  /** Rule 4 of versions 1 to 5. */
  private AuthResult checkAliases() {
    // 4.1 and 4.2
    String server = event.sender().server().value();
    return event.stateKey().filter(server::equals).isPresent()
        ? ALLOWED
        : denied(AuthRule.ALIASES, "aliases are set per server, by its own users");
  }

  /** Rule 11 of versions 1 and 2. */
  private AuthResult checkRedaction(long senderLevel) {
    // 11.1
    if (senderLevel >= levels.redact()) {
      return ALLOWED;
    }
    // 11.2
    Optional<String> target = domainOfEvent(event.json().path("redacts").asText());
    return target.isPresent() && target.equals(domainOfEvent(event.id().value()))
        ? ALLOWED
        // 11.3
        : denied(AuthRule.REDACTION, "redacting takes a higher power level");
  }

  private static Optional<String> domainOfEvent(String eventId) {
    try {
      String value = new EventId(eventId).value();
      int colon = value.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(value.substring(colon + 1));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
