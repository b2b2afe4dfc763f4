package org.headrace.http;

import jakarta.ws.rs.core.MediaType;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Media types, which uploaders name as they like. */
public final class MediaTypes {
  private static final int CHARS_MAX = 255;

  /** Client-server API, "Serving inline content": types that no browser takes for a page. */
  private static final Set<String> INLINE =
      Set.of(
          "text/css",
          "text/plain",
          "text/csv",
          "application/json",
          "application/ld+json",
          "image/jpeg",
          "image/gif",
          "image/png",
          "image/apng",
          "image/webp",
          "image/avif",
          "video/mp4",
          "video/webm",
          "video/ogg",
          "video/quicktime",
          "audio/mp4",
          "audio/webm",
          "audio/aac",
          "audio/mpeg",
          "audio/ogg",
          "audio/wave",
          "audio/wav",
          "audio/x-wav",
          "audio/x-pn-wav",
          "audio/flac",
          "audio/x-flac");

  private MediaTypes() {}

  /** The type if it is one that can stand in a header, else that of bytes of any kind. */
  public static String orOctets(@Nullable String type) {
    if (type == null
        || type.length() > CHARS_MAX
        || !type.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      return MediaType.APPLICATION_OCTET_STREAM;
    }
    try {
      MediaType parsed = MediaType.valueOf(type);
      return parsed.isWildcardType() || parsed.isWildcardSubtype()
          ? MediaType.APPLICATION_OCTET_STREAM
          : type;
    } catch (IllegalArgumentException e) {
      return MediaType.APPLICATION_OCTET_STREAM;
    }
  }

  /** Whether a browser may show it in place. */
  public static boolean isInline(String type) {
    MediaType parsed = MediaType.valueOf(type);
    return INLINE.contains((parsed.getType() + "/" + parsed.getSubtype()).toLowerCase(Locale.ROOT));
  }
}
