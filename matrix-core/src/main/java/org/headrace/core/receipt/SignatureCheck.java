package org.headrace.core.receipt;

/** What is known of the signatures that an event needs. */
public enum SignatureCheck {
  VALID,
  /** One is missing or wrong. */
  INVALID,
  /** A server's keys are not at hand. */
  UNCHECKED
}
