package org.headrace.core.roomversion;

import java.util.Set;

/** What a room version keeps of a redacted event. */
public record RedactionFlags(Set<Flag> flags) {
  /** Each is off in version 1 unless its version says so. */
  public enum Flag {
    ALIASES,
    ORIGIN_MEMBERSHIP_PREV_STATE,
    JOIN_RULES_ALLOW,
    MEMBER_AUTHORISED,
    CREATE_CONTENT,
    POWER_LEVELS_INVITE,
    REDACTION_REDACTS,
    MEMBER_THIRD_PARTY_SIGNED
  }

  public RedactionFlags {
    flags = Flags.frozen(flags, Flag.class);
  }

  /** Whether {@code aliases} of {@code m.room.aliases} is kept (versions 1 to 5). */
  public boolean keepsAliases() {
    return flags.contains(Flag.ALIASES);
  }

  /**
   * Whether top-level {@code origin}, {@code membership} and {@code prev_state} are kept (1 to 10).
   */
  public boolean keepsOriginMembershipPrevState() {
    return flags.contains(Flag.ORIGIN_MEMBERSHIP_PREV_STATE);
  }

  /** Whether {@code allow} of {@code m.room.join_rules} is kept (from version 8). */
  public boolean keepsJoinRulesAllow() {
    return flags.contains(Flag.JOIN_RULES_ALLOW);
  }

  /** Whether {@code join_authorised_via_users_server} is kept (from version 9). */
  public boolean keepsMemberAuthorised() {
    return flags.contains(Flag.MEMBER_AUTHORISED);
  }

  /** Whether the whole content of {@code m.room.create} is kept (from version 11). */
  public boolean keepsCreateContent() {
    return flags.contains(Flag.CREATE_CONTENT);
  }

  /** Whether {@code invite} of {@code m.room.power_levels} is kept (from version 11). */
  public boolean keepsPowerLevelsInvite() {
    return flags.contains(Flag.POWER_LEVELS_INVITE);
  }

  /** Whether {@code content.redacts} of a redaction is kept (from version 11). */
  public boolean keepsRedactionRedacts() {
    return flags.contains(Flag.REDACTION_REDACTS);
  }

  /** Whether {@code third_party_invite.signed} of a member is kept (from version 11). */
  public boolean keepsMemberThirdPartySigned() {
    return flags.contains(Flag.MEMBER_THIRD_PARTY_SIGNED);
  }

  RedactionFlags with(Flag added) {
    return new RedactionFlags(Flags.plus(flags, added, Flag.class));
  }

  RedactionFlags without(Flag removed) {
    return new RedactionFlags(Flags.minus(flags, removed, Flag.class));
  }
}
