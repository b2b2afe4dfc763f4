package org.headrace.api.media;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The {@code Content-Disposition} header (RFC 6266). */
final class ContentDisposition {
  private static final String ATTRIBUTE_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~";

  private ContentDisposition() {}

  /** {@code inline} or {@code attachment}, with the file name if there is one. */
  static String of(boolean inline, @Nullable String filename) {
    String disposition = inline ? "inline" : "attachment";
    if (filename == null) {
      return disposition;
    }
    boolean plain =
        filename.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '%');
    return plain
        ? disposition + "; filename=\"" + filename + "\""
        : disposition + "; filename*=utf-8''" + encoded(filename);
  }

  /** RFC 8187. */
  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (ATTRIBUTE_CHARS.indexOf(b) >= 0) {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b));
      }
    }
    return encoded.toString();
  }
}
