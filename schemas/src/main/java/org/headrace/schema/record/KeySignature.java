package org.headrace.schema.record;

import org.headrace.core.id.UserId;

/**
 * A signature of one key by another (client-server API, "Cross-signing").
 *
 * @param target whose key is signed
 * @param keyId what the target's key is found by: a device id, or a cross-signing key's base64
 * @param signed SHA-256 of what is signed, unpadded URL-safe base64: the signature is of use while
 *     the key is still that
 * @param signer the key id of the key that has signed, {@code ed25519:…}
 */
public record KeySignature(
    UserId target, String keyId, String signed, String signer, String signature) {}
