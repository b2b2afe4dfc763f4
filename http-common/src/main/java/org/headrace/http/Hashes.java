package org.headrace.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.headrace.core.json.UnpaddedBase64;

/** SHA-256 of texts, as unpadded URL-safe base64. */
public final class Hashes {
  private Hashes() {}

  public static String sha256(String text) {
    try {
      return UnpaddedBase64.encodeUrlSafe(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }
}
