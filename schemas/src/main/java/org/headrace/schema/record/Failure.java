package org.headrace.schema.record;

/** Why a command was refused; Resources turn it into a status and an errcode. */
public enum Failure {
  /** The auth rules or a policy forbid it. */
  FORBIDDEN,
  /** The room, event, account, device or alias is not known. */
  NOT_FOUND,
  /** The event would be larger than events may be. */
  TOO_LARGE,
  /** The content is not what the type of event or request needs. */
  BAD_JSON,
  INVALID_PARAM,
  UNSUPPORTED_ROOM_VERSION,
  USER_IN_USE,
  ALIAS_IN_USE,
  /** What it asks for makes no sense in the present state, such as unbanning who is not banned. */
  BAD_STATE,
  /** The media id has its content already. */
  CANNOT_OVERWRITE,
  /** Too many of something with a named limit. */
  LIMIT_EXCEEDED,
  /** The same thing is being done already; it can be asked again when that has ended. */
  IN_PROGRESS,
  /** Another server refused it, or did not answer, and it cannot be done without that server. */
  REMOTE_REFUSED,
  /** The topology met an exception of its own; the command changed nothing. */
  INTERNAL
}
