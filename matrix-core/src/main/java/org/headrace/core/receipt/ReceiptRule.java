package org.headrace.core.receipt;

import org.headrace.core.auth.AuthRule;

/** Which rule decided what becomes of a received event. */
public sealed interface ReceiptRule {
  /** A constant of its kind, as records and reports name it. */
  String name();

  /** Why an event is dropped: it is none, is not signed, or cannot be of this room. */
  enum Form implements ReceiptRule {
    /** Check 1: it is not a valid event of its room version. */
    FORMAT,
    /** Check 2: a signature that it needs is missing or wrong. */
    SIGNATURES,
    /** It cannot be hashed, so it has no id. */
    NOT_CANONICAL,
    /** It is of another room. */
    OTHER_ROOM,
    /** The room has a create event already. */
    SECOND_CREATE,
    /** It names itself as one of its prev or auth events. */
    NAMES_ITSELF
  }

  /** Limits of this implementation. */
  enum Limit implements ReceiptRule {
    /** The state before it differs from the room's in too many entries. */
    STATE_CHANGES_MAX,
    /** It would add a forward extremity to too many. */
    EXTREMITIES_MAX
  }

  /** Who else must have agreed. */
  enum Consent implements ReceiptRule {
    /** Check 7: the signature of the room's policy server is missing or wrong. */
    POLICY_SERVER_SIGNATURE
  }

  /** Which state an authorisation rule was asked about. */
  enum Against {
    /** Check 4: its own auth events. */
    AUTH_EVENTS,
    /** Check 5: the state before it. */
    STATE_BEFORE,
    /** Check 6: the current state of the room. */
    CURRENT_STATE
  }

  /** An authorisation rule refused it. */
  record Auth(Against against, AuthRule rule) implements ReceiptRule {
    @Override
    public String name() {
      return rule.name();
    }
  }
}
