package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.id.RoomId;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.topology.machine.State;

/** The policy server that a room uses (server-server API, "Policy Servers"). */
final class RoomPolicy {
  /** The rule that a record names where that server's signature was missing. */
  static final String RULE = ReceiptRule.Consent.POLICY_SERVER_SIGNATURE.name();

  private RoomPolicy() {}

  /** "Determining if a Policy Server is enabled in a room", of its current state. */
  static Optional<PolicyServer> of(State state, RoomId room, StateLookup current) {
    ObjectNode content = current.get(PolicyServer.STATE_KEY).map(Pdu::content).orElse(null);
    return content == null
        ? Optional.empty()
        : PolicyServer.of(content, via -> Residency.isJoined(state, room, via));
  }
}
