package org.headrace.core.roomversion;

import java.util.Set;

/** What a room version says about authorisation. */
public record AuthFlags(Set<Flag> flags) {
  /** Each is off in version 1 unless its version says so. */
  public enum Flag {
    ALIASES_RULE,
    REDACTION_RULE,
    STRING_POWER_LEVELS,
    FLOAT_POWER_LEVELS,
    CREATOR_IN_CONTENT,
    NOTIFICATION_LEVELS,
    KNOCKING,
    RESTRICTED_JOIN,
    KNOCK_RESTRICTED_JOIN,
    INTEGER_POWER_LEVELS,
    CREATE_FROM_ROOM_ID,
    PRIVILEGED_CREATORS
  }

  public AuthFlags {
    flags = Flags.frozen(flags, Flag.class);
  }

  /** Whether {@code m.room.aliases} events have a rule of their own (versions 1 to 5). */
  public boolean aliasesRule() {
    return flags.contains(Flag.ALIASES_RULE);
  }

  /** Whether redactions are authorised rather than checked when applied (versions 1 and 2). */
  public boolean redactionRule() {
    return flags.contains(Flag.REDACTION_RULE);
  }

  /** Whether power levels may be strings that hold integers (versions 1 to 9). */
  public boolean stringPowerLevels() {
    return flags.contains(Flag.STRING_POWER_LEVELS);
  }

  /** Whether power levels may be floats, truncated (versions 1 to 5). */
  public boolean floatPowerLevels() {
    return flags.contains(Flag.FLOAT_POWER_LEVELS);
  }

  /** Whether the creator is {@code content.creator}, not the sender (versions 1 to 10). */
  public boolean creatorInContent() {
    return flags.contains(Flag.CREATOR_IN_CONTENT);
  }

  /** Whether changes under {@code notifications} are limited (from version 6). */
  public boolean notificationLevels() {
    return flags.contains(Flag.NOTIFICATION_LEVELS);
  }

  /** Whether users may knock (from version 7). */
  public boolean knocking() {
    return flags.contains(Flag.KNOCKING);
  }

  /** Whether the join rule {@code restricted} is known (from version 8). */
  public boolean restrictedJoin() {
    return flags.contains(Flag.RESTRICTED_JOIN);
  }

  /** Whether the join rule {@code knock_restricted} is known (from version 10). */
  public boolean knockRestrictedJoin() {
    return flags.contains(Flag.KNOCK_RESTRICTED_JOIN);
  }

  /** Whether power levels must be integers (from version 10). */
  public boolean integerPowerLevels() {
    return flags.contains(Flag.INTEGER_POWER_LEVELS);
  }

  /** Whether the room id names the create event, which is no auth event (from version 12). */
  public boolean createFromRoomId() {
    return flags.contains(Flag.CREATE_FROM_ROOM_ID);
  }

  /** Whether creators, with additional ones, have infinite power (from version 12). */
  public boolean privilegedCreators() {
    return flags.contains(Flag.PRIVILEGED_CREATORS);
  }

  AuthFlags with(Flag added) {
    return new AuthFlags(Flags.plus(flags, added, Flag.class));
  }

  AuthFlags without(Flag removed) {
    return new AuthFlags(Flags.minus(flags, removed, Flag.class));
  }
}
