package org.headrace.core.receipt;

/** What the checks on receipt say about an event (server-server API). */
public sealed interface ReceiptResult {
  Accepted ACCEPTED = new Accepted();

  /** The event becomes part of the room and may be a forward extremity. */
  record Accepted() implements ReceiptResult {}

  /**
   * It is kept and takes part in state, but is neither shown nor built upon.
   *
   * @param rule the rule that the room's current state failed
   * @param reason what was wrong, in words that a client may see
   */
  record SoftFailed(ReceiptRule rule, String reason) implements ReceiptResult {}

  /** It is kept, but changes no state. */
  record Rejected(ReceiptRule rule, String reason) implements ReceiptResult {}

  /** It is as if it had never come. */
  record Dropped(ReceiptRule.Form rule, String reason) implements ReceiptResult {}

  default boolean isRejected() {
    return this instanceof Rejected;
  }
}
