package org.headrace.core.receipt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.roomversion.RoomVersion;

/** Checks the signatures that an event needs; asked only about events whose format is right. */
@FunctionalInterface
public interface SignatureVerifier {
  /** Where there are no keys. */
  SignatureVerifier NO_KEYS = (pdu, version) -> SignatureCheck.UNCHECKED;

  /** The signatures without which the event is dropped. */
  SignatureCheck check(ObjectNode pdu, RoomVersion version);

  /**
   * The signature of the server that authorises a restricted join, if the event names one; an event
   * without it is rejected by auth rule 5.2.
   */
  default SignatureCheck checkAuthoriser(ObjectNode pdu, RoomVersion version) {
    return SignatureCheck.VALID;
  }
}
