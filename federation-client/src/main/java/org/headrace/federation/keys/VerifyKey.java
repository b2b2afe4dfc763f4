package org.headrace.federation.keys;

import org.headrace.core.crypto.Ed25519;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.UnpaddedBase64;

/**
 * A public key of a server, and until when its signatures count.
 *
 * @param key the 32 bytes in unpadded base64
 * @param validUntilMillis for a current key {@code valid_until_ts}, seven days after it was fetched
 *     at most; for an old one when it expired. In milliseconds since 1970
 * @param expired whether the server has said that it does not use the key any more
 */
public record VerifyKey(String keyId, String key, long validUntilMillis, boolean expired) {

  /** Whether this is a key id of the one algorithm that there is. */
  public static boolean isKeyId(String keyId) {
    return keyId.startsWith(Ed25519.ALGORITHM + ":")
        && keyId.length() <= KEY_ID_CHARS_MAX
        && keyId.length() > Ed25519.ALGORITHM.length() + 1;
  }

  private static final int KEY_ID_CHARS_MAX = 160;

  /** The 32 bytes. */
  public byte[] bytes() {
    return UnpaddedBase64.decode(key);
  }

  /**
   * Whether a signature of this time counts.
   *
   * @param enforcesValidity whether a current key's end counts: room version 5 and later, requests
   */
  public boolean isValidAt(long millis, boolean enforcesValidity) {
    return millis <= validUntilMillis || (!expired && !enforcesValidity);
  }

  static String requireKey(String base64) {
    if (UnpaddedBase64.decode(base64).length != Ed25519.KEY_BYTES) {
      throw new InvalidJsonException("an Ed25519 key has 32 bytes");
    }
    return base64;
  }
}
