package org.headrace.core.crypto;

import java.security.PrivateKey;
import java.util.regex.Pattern;
import org.headrace.core.json.UnpaddedBase64;

/** A private Ed25519 key with its key id, such as {@code ed25519:a_1}; never printed. */
public final class SigningKey {
  private static final Pattern KEY_ID = Pattern.compile("ed25519:[a-zA-Z0-9_]{1,128}");

  private final String keyId;
  private final PrivateKey privateKey;
  private final byte[] publicKey;

  private SigningKey(String keyId, PrivateKey privateKey, byte[] publicKey) {
    this.keyId = keyId;
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /**
   * Makes the key of a 32-byte seed.
   *
   * @param keyId {@code ed25519:} and a version of letters, digits and underscores
   */
  public static SigningKey fromSeed(String keyId, byte[] seed) {
    if (!KEY_ID.matcher(keyId).matches()) {
      throw new IllegalArgumentException("a key id is ed25519:[a-zA-Z0-9_]+");
    }
    return new SigningKey(keyId, Ed25519.privateKey(seed), Ed25519.publicKeyOf(seed));
  }

  public String keyId() {
    return keyId;
  }

  /** The 32 raw bytes of the public key. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  public String publicKeyBase64() {
    return UnpaddedBase64.encode(publicKey);
  }

  public byte[] sign(byte[] message) {
    return Ed25519.sign(privateKey, message);
  }

  @Override
  public String toString() {
    return "SigningKey[" + keyId + "]";
  }
}
