package org.headrace.core.crypto;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.UnpaddedBase64;

/** Key objects of users, as they are signed (client-server API, "Cross-signing"). */
public final class SignedKeys {
  private static final String PREFIX = Ed25519.ALGORITHM + ":";

  private SignedKeys() {}

  /**
   * What is signed of a key object, as unpadded URL-safe base64 of its SHA-256: equal for equal
   * keys, whoever has signed them. Empty for what has no canonical JSON.
   */
  public static Optional<String> hash(ObjectNode keys) {
    try {
      return Optional.of(Hashes.sha256(JsonSigner.signedBytes(keys, CanonicalJson::encode)));
    } catch (InvalidJsonException e) {
      return Optional.empty();
    }
  }

  /** The base64 of a cross-signing key, if the object holds just one. */
  public static Optional<String> publicKey(ObjectNode keys) {
    if (keys.path("keys").size() != 1) {
      return Optional.empty();
    }
    var entry = keys.path("keys").properties().iterator().next();
    String base64 = entry.getValue().asText();
    return entry.getKey().equals(PREFIX + base64) && isKey(base64)
        ? Optional.of(base64)
        : Optional.empty();
  }

  /** Whether the object holds a valid signature of this user by the key. */
  public static boolean isSigned(ObjectNode keys, String user, String keyId, String base64) {
    return isKey(base64) && JsonSigner.verify(keys, user, keyId, UnpaddedBase64.decode(base64));
  }

  public static String keyId(String name) {
    return PREFIX + name;
  }

  private static boolean isKey(String base64) {
    try {
      return UnpaddedBase64.decode(base64).length == Ed25519.KEY_BYTES;
    } catch (InvalidJsonException e) {
      return false;
    }
  }
}
