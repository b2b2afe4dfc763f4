package org.headrace.core.auth;

/** The rules that can refuse an event, numbered as in room version 12. */
public enum AuthRule {
  /** 1.1 */
  CREATE_PREV_EVENTS,
  /** 1.2, before version 12 */
  CREATE_ROOM_DOMAIN,
  /** 1.2 */
  CREATE_ROOM_ID,
  /** 1.3 */
  CREATE_ROOM_VERSION,
  /** 1.4, before version 11 */
  CREATE_CREATOR,
  /** 1.4 */
  CREATE_ADDITIONAL_CREATORS,
  /** 2 */
  ROOM_ID_OF_CREATE,
  /** 3.1 */
  AUTH_EVENTS_DUPLICATE,
  /** 3.2 */
  AUTH_EVENTS_SELECTION,
  /** 3.3 */
  AUTH_EVENTS_REJECTED,
  /** 2.4, before version 12 */
  AUTH_EVENTS_CREATE,
  /** 3.5 */
  AUTH_EVENTS_ROOM,
  /** 4; and a state without a create event */
  FEDERATION,
  /** 4, versions 1 to 5 */
  ALIASES,
  /** 5.1 */
  MEMBER_FORMAT,
  /** 5.2 */
  MEMBER_AUTHORISING_SIGNATURE,
  /** 5.3.2 */
  JOIN_SENDER,
  /** 5.3.3 */
  JOIN_BANNED,
  /** 5.3.5.2 */
  JOIN_AUTHORISING_USER,
  /** 5.3.7 */
  JOIN_RULE,
  /** 5.4.1.1 to 5.4.1.8 */
  INVITE_THIRD_PARTY,
  /** 5.4.2 */
  INVITE_SENDER_MEMBERSHIP,
  /** 5.4.3 */
  INVITE_TARGET_MEMBERSHIP,
  /** 5.4.5 */
  INVITE_LEVEL,
  /** 5.5.1 */
  LEAVE_MEMBERSHIP,
  /** 5.5.2 */
  KICK_SENDER_MEMBERSHIP,
  /** 5.5.3 */
  UNBAN_LEVEL,
  /** 5.5.5 */
  KICK_LEVEL,
  /** 5.6.1 */
  BAN_SENDER_MEMBERSHIP,
  /** 5.6.3 */
  BAN_LEVEL,
  /** 5.7.1 */
  KNOCK_JOIN_RULE,
  /** 5.7.2 */
  KNOCK_SENDER,
  /** 5.7.4 */
  KNOCK_MEMBERSHIP,
  /** 5.8 */
  MEMBERSHIP_UNKNOWN,
  /** 6 */
  SENDER_MEMBERSHIP,
  /** 7 */
  THIRD_PARTY_INVITE_LEVEL,
  /** 8 */
  REQUIRED_LEVEL,
  /** 9 */
  STATE_KEY_OF_OTHER_USER,
  /** 10.1 to 10.3 */
  POWER_LEVELS_FORMAT,
  /** 10.4 */
  POWER_LEVELS_CREATOR,
  /** 10.6 */
  POWER_LEVELS_DEFAULTS,
  /** 10.7 and 10.8 */
  POWER_LEVELS_EVENTS,
  /** 10.9 and 10.10 */
  POWER_LEVELS_USERS,
  /** 11, versions 1 and 2 */
  REDACTION
}
