package org.headrace.standalone.dag;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/** How events and verdicts are called. What an event says is shown without control characters. */
final class Words {
  /** Longest text of an event's own that is shown, in characters. */
  private static final int SHOWN_CHARS_MAX = 80;

  private static final long SHOWN_MILLIS_MAX = 253_402_300_799_999L;

  private Words() {}

  static String verdict(DagVerdict verdict) {
    if (verdict.isAccepted()) {
      return "accepted";
    }
    if (verdict.isSoftFailed()) {
      return "soft_failed";
    }
    return verdict.undecided() ? "undecided" : "rejected";
  }

  /** {@code m.room.member "@bob:b" (ban) by @alice:a, 2026-01-31T12:00:00Z}. */
  static String event(Pdu event) {
    StringBuilder words = new StringBuilder(clean(event.type()));
    event.stateKey().ifPresent(key -> words.append(" \"").append(clean(key)).append('"'));
    if (event.type().equals("m.room.member")) {
      words.append(" (").append(clean(event.content().path("membership").asText())).append(')');
    }
    words.append(" by ").append(clean(event.sender().value()));
    return words.append(", ").append(time(event.originServerTs())).toString();
  }

  static String id(EventId id) {
    return clean(id.value());
  }

  static String entry(StateKey key) {
    return clean(key.type()) + " \"" + clean(key.stateKey()) + '"';
  }

  static String time(long millis) {
    return millis < 0 || millis > SHOWN_MILLIS_MAX
        ? millis + " ms"
        : DateTimeFormatter.ISO_INSTANT.format(
            Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS));
  }

  static String clean(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .limit(SHOWN_CHARS_MAX)
        .forEach(c -> clean.appendCodePoint(isPlain(c) ? c : '?'));
    return clean.append(text.length() > SHOWN_CHARS_MAX ? "…" : "").toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
