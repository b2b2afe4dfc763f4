package org.headrace.schema.record;

/**
 * What the checks on receipt made of an event (server-server API, "Checks performed on receipt").
 */
public enum Verdict {
  ACCEPTED,
  /** Passed against its own history, but not against the current state: kept, not shown. */
  SOFT_FAILED,
  /** Fails the auth rules: known, never shown, never in the state. */
  REJECTED
}
