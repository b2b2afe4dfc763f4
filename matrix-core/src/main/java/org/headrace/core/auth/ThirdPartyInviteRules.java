package org.headrace.core.auth;

import static org.headrace.core.auth.AuthResult.ALLOWED;
import static org.headrace.core.auth.AuthResult.denied;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;

/** Rule 5.4.1: an invite that accepts a third-party invite must be signed with its key. */
final class ThirdPartyInviteRules {
  private final Pdu event;
  private final StateLookup state;

  ThirdPartyInviteRules(Pdu event, StateLookup state) {
    this.event = event;
    this.state = state;
  }

  AuthResult check(JsonNode thirdParty) {
    String target = event.stateKey().orElse("");
    // 5.4.1.1
    if (Membership.of(state, target).equals(Membership.BAN)) {
      return refused(target + " is banned from the room");
    }
    // 5.4.1.2
    if (!(thirdParty.get("signed") instanceof ObjectNode signed)) {
      return refused("the third-party invite is not signed");
    }
    // 5.4.1.3
    JsonNode mxid = signed.path("mxid");
    JsonNode token = signed.path("token");
    if (!mxid.isTextual() || !token.isTextual()) {
      return refused("the signed third-party invite must have mxid and token");
    }
    // 5.4.1.4
    if (!mxid.textValue().equals(target)) {
      return refused("the third-party invite is for another user");
    }
    // 5.4.1.5
    Optional<Pdu> invite = state.get(new StateKey("m.room.third_party_invite", token.textValue()));
    if (invite.isEmpty()) {
      return refused("the room has no third-party invite with this token");
    }
    // 5.4.1.6
    if (!invite.get().sender().equals(event.sender())) {
      return refused("the third-party invite is from another user");
    }
    // 5.4.1.7 and 5.4.1.8
    return ThirdPartyInvite.isSigned(signed, invite.get().content())
        ? ALLOWED
        : refused("no signature matches a key of the third-party invite");
  }

  private static AuthResult refused(String reason) {
    return denied(AuthRule.INVITE_THIRD_PARTY, reason);
  }
}
