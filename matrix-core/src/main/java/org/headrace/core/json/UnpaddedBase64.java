package org.headrace.core.json;

import java.util.Base64;

/** Base64 without padding, in both alphabets (spec appendices, "Unpadded Base64"). */
public final class UnpaddedBase64 {
  private static final Base64.Encoder STANDARD = Base64.getEncoder().withoutPadding();
  private static final Base64.Encoder URL_SAFE = Base64.getUrlEncoder().withoutPadding();

  private UnpaddedBase64() {}

  public static String encode(byte[] bytes) {
    return STANDARD.encodeToString(bytes);
  }

  public static String encodeUrlSafe(byte[] bytes) {
    return URL_SAFE.encodeToString(bytes);
  }

  /** Decodes either alphabet, with or without padding; throws {@link InvalidJsonException}. */
  public static byte[] decode(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '=') {
      end--;
    }
    String standard = text.substring(0, end).replace('-', '+').replace('_', '/');
    try {
      return Base64.getDecoder().decode(standard);
    } catch (IllegalArgumentException e) {
      throw new InvalidJsonException("not base64");
    }
  }
}
