package org.headrace.core.auth;

import static org.headrace.core.auth.AuthResult.ALLOWED;
import static org.headrace.core.auth.AuthResult.denied;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;

/** Rule 5: who may change whose membership. */
final class MemberRules {
  private final RoomVersion version;
  private final Pdu event;
  private final Pdu create;
  private final AuthEvidence evidence;
  private final StateLookup state;
  private final PowerLevels levels;
  private final String sender;
  private final String target;

  MemberRules(
      RoomVersion version,
      Pdu event,
      Pdu create,
      AuthEvidence evidence,
      StateLookup state,
      PowerLevels levels) {
    this.version = version;
    this.event = event;
    this.create = create;
    this.evidence = evidence;
    this.state = state;
    this.levels = levels;
    this.sender = event.sender().value();
    this.target = event.stateKey().orElse("");
  }

  AuthResult check() {
    // 5.1
    JsonNode membership = event.content().path("membership");
    if (event.stateKey().isEmpty() || membership.isMissingNode()) {
      return denied(
          AuthRule.MEMBER_FORMAT, "a member event must have a state key and a membership");
    }
    // NOTSPEC: the target must be a user id; the specification leaves it to the event's schema.
    if (!AuthRules.isUserId(target)) {
      return denied(AuthRule.MEMBER_FORMAT, "the state key of a member event must be a user id");
    }
    // 5.2 (from version 8)
    JsonNode authoriser = event.content().get("join_authorised_via_users_server");
    if (version.auth().restrictedJoin() && authoriser != null) {
      // 5.2.1
      if (!authoriser.isTextual()
          || !AuthRules.isUserId(authoriser.textValue())
          || !evidence.signedBy().test(new UserId(authoriser.textValue()).server())) {
        return denied(
            AuthRule.MEMBER_AUTHORISING_SIGNATURE,
            "the authorising user's server has not signed the event");
      }
    }
    return switch (membership.asText()) {
      case Membership.JOIN -> checkJoin();
      case Membership.INVITE -> checkInvite();
      case Membership.LEAVE -> checkLeave();
      case Membership.BAN -> checkBan();
      case Membership.KNOCK -> version.auth().knocking() ? checkKnock() : unknownMembership();
      // 5.8
      default -> unknownMembership();
    };
  }

  /** 5.3 */
  private AuthResult checkJoin() {
    // 5.3.1
    if (event.prevEvents().equals(List.of(create.id())) && target.equals(creator())) {
      return ALLOWED;
    }
    // 5.3.2
    if (!sender.equals(target)) {
      return denied(AuthRule.JOIN_SENDER, "users can only join themselves");
    }
    // 5.3.3
    String current = Membership.of(state, target);
    if (current.equals(Membership.BAN)) {
      return denied(AuthRule.JOIN_BANNED, sender + " is banned from the room");
    }
    boolean invitedOrJoined = current.equals(Membership.INVITE) || current.equals(Membership.JOIN);
    String joinRule = joinRule();
    return switch (joinRule) {
      // 5.3.6
      case "public" -> ALLOWED;
      // 5.3.4
      case "invite" -> invitedOrJoined ? ALLOWED : noJoin();
      case "knock" -> version.auth().knocking() && invitedOrJoined ? ALLOWED : noJoin();
      // 5.3.5
      case "restricted" ->
          version.auth().restrictedJoin() ? checkRestrictedJoin(invitedOrJoined) : noJoin();
      case "knock_restricted" ->
          version.auth().knockRestrictedJoin() ? checkRestrictedJoin(invitedOrJoined) : noJoin();
      // 5.3.7
      default -> noJoin();
    };
  }

  /** 5.3.5 */
  private AuthResult checkRestrictedJoin(boolean invitedOrJoined) {
    // 5.3.5.1
    if (invitedOrJoined) {
      return ALLOWED;
    }
    // 5.3.5.2
    String authoriser = event.content().path("join_authorised_via_users_server").asText();
    if (!Membership.of(state, authoriser).equals(Membership.JOIN)
        || levels.userLevel(authoriser) < levels.invite()) {
      return denied(
          AuthRule.JOIN_AUTHORISING_USER, "no joined user with the right to invite authorises it");
    }
    // 5.3.5.3
    return ALLOWED;
  }

  /** 5.4 */
  private AuthResult checkInvite() {
    // 5.4.1
    JsonNode thirdParty = event.content().get("third_party_invite");
    if (thirdParty != null) {
      return new ThirdPartyInviteRules(event, state).check(thirdParty);
    }
    // 5.4.2
    if (!Membership.of(state, sender).equals(Membership.JOIN)) {
      return denied(AuthRule.INVITE_SENDER_MEMBERSHIP, sender + " is not in the room");
    }
    // 5.4.3
    String current = Membership.of(state, target);
    if (current.equals(Membership.JOIN)) {
      return denied(AuthRule.INVITE_TARGET_MEMBERSHIP, target + " is already in the room");
    }
    if (current.equals(Membership.BAN)) {
      return denied(AuthRule.INVITE_TARGET_MEMBERSHIP, target + " is banned from the room");
    }
    // 5.4.4 and 5.4.5
    return levels.userLevel(sender) >= levels.invite()
        ? ALLOWED
        : denied(AuthRule.INVITE_LEVEL, "inviting takes a higher power level");
  }

  /** 5.5 */
  private AuthResult checkLeave() {
    String current = Membership.of(state, target);
    // 5.5.1
    if (sender.equals(target)) {
      boolean mayLeave =
          current.equals(Membership.INVITE)
              || current.equals(Membership.JOIN)
              || (version.auth().knocking() && current.equals(Membership.KNOCK));
      return mayLeave ? ALLOWED : denied(AuthRule.LEAVE_MEMBERSHIP, sender + " is not in the room");
    }
    // 5.5.2
    if (!Membership.of(state, sender).equals(Membership.JOIN)) {
      return denied(AuthRule.KICK_SENDER_MEMBERSHIP, sender + " is not in the room");
    }
    long senderLevel = levels.userLevel(sender);
    // 5.5.3
    if (current.equals(Membership.BAN) && senderLevel < levels.ban()) {
      return denied(AuthRule.UNBAN_LEVEL, "unbanning takes a higher power level");
    }
    // 5.5.4 and 5.5.5
    return senderLevel >= levels.kick() && levels.userLevel(target) < senderLevel
        ? ALLOWED
        : denied(AuthRule.KICK_LEVEL, "removing this user takes a higher power level");
  }

  /** 5.6 */
  private AuthResult checkBan() {
    // 5.6.1
    if (!Membership.of(state, sender).equals(Membership.JOIN)) {
      return denied(AuthRule.BAN_SENDER_MEMBERSHIP, sender + " is not in the room");
    }
    // 5.6.2 and 5.6.3
    long senderLevel = levels.userLevel(sender);
    return senderLevel >= levels.ban() && levels.userLevel(target) < senderLevel
        ? ALLOWED
        : denied(AuthRule.BAN_LEVEL, "banning this user takes a higher power level");
  }

  /** 5.7 (from version 7) */
  private AuthResult checkKnock() {
    // 5.7.1
    String joinRule = joinRule();
    boolean knockable =
        joinRule.equals("knock")
            || (version.auth().knockRestrictedJoin() && joinRule.equals("knock_restricted"));
    if (!knockable) {
      return denied(AuthRule.KNOCK_JOIN_RULE, "the room does not take knocks");
    }
    // 5.7.2
    if (!sender.equals(target)) {
      return denied(AuthRule.KNOCK_SENDER, "users can only knock for themselves");
    }
    // 5.7.3 and 5.7.4
    return switch (Membership.of(state, sender)) {
      case Membership.BAN, Membership.INVITE, Membership.JOIN ->
          denied(AuthRule.KNOCK_MEMBERSHIP, sender + " is banned, invited or joined");
      default -> ALLOWED;
    };
  }

  private String creator() {
    return version.auth().creatorInContent()
        ? create.content().path("creator").asText()
        : create.sender().value();
  }

  /** The room's join rule; {@code invite} where the state has none. */
  private String joinRule() {
    Optional<Pdu> rules = state.get(StateKey.JOIN_RULES);
    return rules.map(event -> event.content().path("join_rule").asText("invite")).orElse("invite");
  }

  private static AuthResult noJoin() {
    return denied(AuthRule.JOIN_RULE, "the join rule does not let this user join");
  }

  private static AuthResult unknownMembership() {
    return denied(AuthRule.MEMBERSHIP_UNKNOWN, "the membership is unknown");
  }
}
