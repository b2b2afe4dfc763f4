package org.headrace.core.auth;

/** What the authorisation rules say about an event. */
public sealed interface AuthResult {
  Allowed ALLOWED = new Allowed();

  /** The event may be in the room, against the state that was asked. */
  record Allowed() implements AuthResult {}

  /**
   * The event is refused.
   *
   * @param rule the rule that refused it
   * @param reason what was wrong, in words that a client may see
   */
  record Denied(AuthRule rule, String reason) implements AuthResult {}

  default boolean isAllowed() {
    return this instanceof Allowed;
  }

  static AuthResult denied(AuthRule rule, String reason) {
    return new Denied(rule, reason);
  }
}
