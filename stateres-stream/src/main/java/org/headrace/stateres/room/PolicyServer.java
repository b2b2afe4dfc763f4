package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.topology.machine.State;

/**
 * The policy server that a room uses (server-server API, "Policy Servers"): every event but the one
 * that names it needs its signature.
 *
 * @param key the 32 raw bytes of its public key
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record PolicyServer(ServerName via, byte[] key) {
  /** The rule that a record names where that signature was missing. */
  static final String RULE = ReceiptRule.Consent.POLICY_SERVER_SIGNATURE.name();

  private static final String TYPE = "m.room.policy";
  private static final StateKey STATE_KEY = new StateKey(TYPE, "");
  private static final String KEY_ID = "ed25519:policy_server";

  /** "Determining if a Policy Server is enabled in a room", of its current state. */
  static Optional<PolicyServer> of(State state, RoomId room, StateLookup current) {
    JsonNode content = current.get(STATE_KEY).<JsonNode>map(Pdu::content).orElse(null);
    if (content == null
        || !content.path("via").isTextual()
        || !content.path("public_keys").path("ed25519").isTextual()) {
      return Optional.empty();
    }
    try {
      ServerName via = new ServerName(content.path("via").textValue());
      return Residency.isJoined(state, room, via)
          ? Optional.of(new PolicyServer(via, key(content)))
          : Optional.empty();
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  /** A key that cannot be read is one under which nothing is signed. */
  private static byte[] key(JsonNode content) {
    try {
      return UnpaddedBase64.decode(content.path("public_keys").path("ed25519").textValue());
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** Only the event that names a policy server needs no signature of it. */
  static boolean isExempt(Pdu pdu) {
    return pdu.is(TYPE, "");
  }

  /** Whether the event may do without its signature, or has it. */
  boolean lets(Pdu pdu, RoomVersion version) {
    return isExempt(pdu) || EventSignatures.verify(pdu.json(), version, via, KEY_ID, key);
  }
}
