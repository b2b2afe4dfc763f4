package org.headrace.core.receipt;

import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;

/** Check 7: whether the policy server of a room lets an event pass. */
@FunctionalInterface
public interface PolicyCheck {
  /** Where nobody is asked. */
  PolicyCheck NONE = (pdu, current) -> true;

  /**
   * Whether the event has the signature that it needs.
   *
   * @param current the room's current state, which names the policy server, if one
   */
  boolean lets(Pdu pdu, StateLookup current);
}
