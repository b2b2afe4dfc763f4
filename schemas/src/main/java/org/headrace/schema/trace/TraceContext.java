package org.headrace.schema.trace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The span that something was caused by, as records carry it in a header (W3C Trace Context,
 * "traceparent Header"). Only what is recorded is carried: a record without the header is in no
 * trace.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all 0
 * @param spanId 16 of them, not all 0
 */
public record TraceContext(String traceId, String spanId) {
  /** The header's name. */
  public static final String HEADER = "traceparent";

  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-01");

  private static final int SPAN_ID_BYTES = 8;

  /** What a record's headers say; null where it is in no trace, or the header is none. */
  public static @Nullable TraceContext of(Headers headers) {
    Header found = headers.lastHeader(HEADER);
    return found == null || found.value() == null
        ? null
        : parse(new String(found.value(), StandardCharsets.ISO_8859_1)).orElse(null);
  }

  static Optional<TraceContext> parse(String header) {
    Matcher parts = FORM.matcher(header);
    return parts.matches()
        ? Optional.of(new TraceContext(parts.group(1), parts.group(2)))
        : Optional.empty();
  }

  /** Puts a context into a record's headers; nothing where there is none. */
  public static void put(Headers headers, @Nullable TraceContext context) {
    if (context != null) {
      headers.add(HEADER, context.header().getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** The header's value. */
  public String header() {
    return "00-" + traceId + "-" + spanId + "-01";
  }

  /**
   * The span of what this one caused at a place (a topic's partition and offset). A record that is
   * met again has the same, so that what follows from it has the same headers again (design D2).
   */
  public TraceContext at(String place) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(header().getBytes(StandardCharsets.US_ASCII));
      byte[] hash = digest.digest(place.getBytes(StandardCharsets.UTF_8));
      hash[0] |= 1; // Never all 0.
      return new TraceContext(traceId, HexFormat.of().formatHex(hash, 0, SPAN_ID_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
