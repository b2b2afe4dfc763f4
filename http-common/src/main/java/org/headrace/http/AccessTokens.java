package org.headrace.http;

import org.headrace.core.crypto.Hashes;
import org.headrace.core.json.UnpaddedBase64;

/** Access tokens are random and opaque; logs and views know their hashes only. */
public final class AccessTokens {
  public static final int TOKEN_BYTES = 32;

  private AccessTokens() {}

  /** A token of {@link #TOKEN_BYTES} random bytes. */
  public static String of(byte[] random) {
    if (random.length != TOKEN_BYTES) {
      throw new IllegalArgumentException("a token has " + TOKEN_BYTES + " random bytes");
    }
    return "hrt_" + UnpaddedBase64.encodeUrlSafe(random);
  }

  /** SHA-256, unpadded URL-safe base64, as {@code AccountsView.session} wants it. */
  public static String hash(String token) {
    return Hashes.sha256(token);
  }
}
