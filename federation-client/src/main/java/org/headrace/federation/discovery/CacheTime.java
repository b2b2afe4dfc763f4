package org.headrace.federation.discovery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.headrace.federation.net.ResponseHead;

/** How long a well-known file may be used, as its headers say, within our bounds (RFC 9111). */
final class CacheTime {
  private CacheTime() {}

  static Duration of(ResponseHead head) {
    Duration said = said(head).orElse(WellKnown.CACHE_DEFAULT);
    if (said.compareTo(WellKnown.CACHE_MIN) < 0) {
      return WellKnown.CACHE_MIN;
    }
    return said.compareTo(WellKnown.CACHE_MAX) > 0 ? WellKnown.CACHE_MAX : said;
  }

  private static Optional<Duration> said(ResponseHead head) {
    for (String part : head.header("Cache-Control").orElse("").split(",", -1)) {
      String directive = part.strip().toLowerCase(Locale.ROOT);
      if (directive.equals("no-store") || directive.equals("no-cache")) {
        return Optional.of(Duration.ZERO);
      }
      if (directive.startsWith("max-age=")) {
        return seconds(directive.substring("max-age=".length()).replace("\"", ""));
      }
    }
    return head.header("Expires").map(expires -> until(head, expires));
  }

  /** Against the server's own clock; what cannot be read has expired. */
  private static Duration until(ResponseHead head, String expires) {
    try {
      ZonedDateTime date =
          ZonedDateTime.parse(
              head.header("Date").orElse(expires), DateTimeFormatter.RFC_1123_DATE_TIME);
      return Duration.between(
          date, ZonedDateTime.parse(expires, DateTimeFormatter.RFC_1123_DATE_TIME));
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }

  private static Optional<Duration> seconds(String text) {
    try {
      return Optional.of(Duration.ofSeconds(Integer.parseInt(text)));
    } catch (NumberFormatException e) {
      return text.matches("[0-9]+") ? Optional.of(WellKnown.CACHE_MAX) : Optional.empty();
    }
  }
}
