package org.headrace.core.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;

/**
 * Signatures on events: over the redacted event with its content hash (server-server API, "Signing
 * Events"). An event's id does not depend on them.
 */
public final class EventSignatures {
  private EventSignatures() {}

  /** A copy of the event, which must have its content hash, with this server's signature added. */
  public static ObjectNode sign(
      ObjectNode pdu, RoomVersion version, ServerName signer, SigningKey key) {
    byte[] covered = covered(pdu, version);
    String signature = UnpaddedBase64.encode(key.sign(covered));
    return JsonSigner.withSignature(pdu, signer.value(), key.keyId(), signature);
  }

  /** A copy of the event with content hash and signature. */
  public static ObjectNode hashAndSign(
      ObjectNode pdu, RoomVersion version, ServerName signer, SigningKey key) {
    return sign(EventHashes.withContentHash(pdu, version), version, signer, key);
  }

  /** Whether the event holds this server's valid signature under this key. */
  public static boolean verify(
      ObjectNode pdu, RoomVersion version, ServerName signer, String keyId, byte[] publicKey) {
    return JsonSigner.verify(
        Redaction.redact(pdu, version),
        signer.value(),
        keyId,
        publicKey,
        node -> EventHashes.encode(node, version));
  }

  private static byte[] covered(ObjectNode pdu, RoomVersion version) {
    return JsonSigner.signedBytes(
        Redaction.redact(pdu, version), node -> EventHashes.encode(node, version));
  }
}
