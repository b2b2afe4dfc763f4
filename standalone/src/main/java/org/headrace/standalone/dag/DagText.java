package org.headrace.standalone.dag;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.receipt.ReceiptRule;

/** The outcome for a person to read; lists are cut short, the JSON document has them whole. */
public final class DagText {
  private static final int LISTED_MAX = 20;
  private static final int STATE_LISTED_MAX = 100;

  private final DagOutcome outcome;
  private final DagReplay replay;
  private final PrintStream out;

  public DagText(DagOutcome outcome, PrintStream out) {
    this.outcome = outcome;
    this.replay = outcome.replay();
    this.out = out;
  }

  public void print() {
    out.printf(
        Locale.ROOT,
        "%s, room version %s: %,d events%n%n",
        Words.clean(outcome.dag().room().value()),
        outcome.dag().version().id(),
        replay.order().size());
    counts();
    input();
    verdicts("rejected", outcome.those(DagVerdict::isRejected));
    verdicts("soft-failed", outcome.those(DagVerdict::isSoftFailed));
    verdicts("undecided, since auth events are missing", outcome.those(DagVerdict::undecided));
    missing();
    extremities();
    state();
    outcome
        .explanation()
        .ifPresent(explanation -> new ExplanationText(replay, explanation, out).print());
  }

  private void counts() {
    out.printf(Locale.ROOT, "  accepted     %,8d%n", outcome.those(DagVerdict::isAccepted).size());
    count("rejected", outcome.those(DagVerdict::isRejected));
    count("soft-failed", outcome.those(DagVerdict::isSoftFailed));
    count("undecided", outcome.those(DagVerdict::undecided));
    long incomplete = outcome.those(verdict -> !verdict.wholeHistory()).size();
    if (incomplete > 0) {
      out.printf(
          Locale.ROOT,
          "%n  Events are missing before %,d of these: their state is what can be known of it.%n",
          incomplete);
    }
  }

  private void count(String what, List<EventId> events) {
    if (events.isEmpty()) {
      return;
    }
    out.printf(Locale.ROOT, "  %-12s %,8d%n", what, events.size());
    SortedMap<String, Integer> rules = new TreeMap<>();
    for (EventId id : events) {
      rules.merge(replay.verdict(id).rule().map(ReceiptRule::name).orElse(""), 1, Integer::sum);
    }
    rules.forEach((rule, count) -> out.printf(Locale.ROOT, "  %,21d  %s%n", count, rule));
  }

  private void input() {
    DagInput input = outcome.input();
    out.println();
    if (input.unchecked > 0) {
      out.printf(
          Locale.ROOT, "  signatures not checked: %,d (--keys gives keys)%n", input.unchecked);
    }
    if (input.verified + input.invalid > 0) {
      out.printf(
          Locale.ROOT,
          "  signatures right: %,d; wrong or missing, so dropped: %,d%n",
          input.verified,
          input.invalid);
    }
    if (!input.wrongHashes.isEmpty()) {
      out.printf(
          Locale.ROOT, "  wrong content hash, so used redacted: %,d%n", input.wrongHashes.size());
      list(
          input.wrongHashes.entrySet(),
          hash -> Words.id(hash.getKey()) + " (line " + hash.getValue() + ")");
    }
    if (!input.otherIds.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "  event_id is not what the event's hash gives: %,d%n",
          input.otherIds.size());
      list(
          input.otherIds,
          id ->
              "line "
                  + id.line()
                  + ": "
                  + Words.id(id.claimed())
                  + ", not "
                  + Words.id(id.computed()));
    }
    if (input.repeated > 0) {
      out.printf(Locale.ROOT, "  lines that repeat an event: %,d%n", input.repeated);
      list(input.differing, bad -> "line " + bad.line() + " " + Words.clean(bad.problem()));
    }
    if (!input.badLines.isEmpty()) {
      out.printf(Locale.ROOT, "  lines that are no event: %,d%n", input.badLines.size());
      list(input.badLines, bad -> "line " + bad.line() + ": " + Words.clean(bad.problem()));
    }
    if (input.dropped.size() + replay.dropped().size() > 0) {
      out.printf(Locale.ROOT, "  dropped: %,d%n", input.dropped.size() + replay.dropped().size());
      list(
          input.dropped,
          line -> "line " + line.line() + ": " + line.rule() + ", " + Words.clean(line.reason()));
      list(
          replay.dropped().entrySet(),
          event ->
              Words.id(event.getKey())
                  + ": "
                  + event.getValue().rule()
                  + ", "
                  + event.getValue().reason());
    }
  }

  private void verdicts(String title, List<EventId> events) {
    if (events.isEmpty()) {
      return;
    }
    out.printf(Locale.ROOT, "%n%s%n", capital(title));
    list(
        events,
        id -> {
          DagVerdict verdict = replay.verdict(id);
          return Words.id(id)
              + "  "
              + Words.event(replay.event(id))
              + "\n      "
              + rule(verdict)
              + ": "
              + Words.clean(verdict.reason())
              + (verdict.wholeHistory() ? "" : " (events before it are missing)");
        });
  }

  /** The rule and the state it was asked about. */
  private static String rule(DagVerdict verdict) {
    return verdict
        .rule()
        .map(
            rule ->
                rule instanceof ReceiptRule.Auth auth
                    ? rule.name() + " against " + against(auth.against())
                    : rule.name())
        .orElse("");
  }

  private static String against(ReceiptRule.Against against) {
    return switch (against) {
      case AUTH_EVENTS -> "its auth events";
      case STATE_BEFORE -> "the state before it";
      case CURRENT_STATE -> "the room's state then";
    };
  }

  private void missing() {
    missing("prev events", replay.missingPrevEvents());
    missing("auth events", replay.missingAuthEvents());
  }

  private void missing(String what, Collection<EventId> events) {
    if (!events.isEmpty()) {
      out.printf(Locale.ROOT, "%nMissing %s: %,d%n", what, events.size());
      list(events, id -> Words.id(id));
    }
  }

  private void extremities() {
    out.printf(Locale.ROOT, "%nForward extremities: %,d%n", replay.extremities().size());
    list(replay.extremities(), id -> Words.id(id) + "  " + Words.event(replay.event(id)));
  }

  private void state() {
    SortedMap<StateKey, EventId> state = outcome.state();
    out.printf(
        Locale.ROOT,
        "%nState %s: %,d entries, root %s%s%n",
        outcome.at().map(id -> "before " + Words.id(id)).orElse("at the extremities"),
        state.size(),
        outcome.stateRoot(),
        outcome.stateComplete() ? "" : " (events are missing: what can be known of it)");
    int listed = 0;
    for (Map.Entry<StateKey, EventId> entry : state.entrySet()) {
      if (listed++ == STATE_LISTED_MAX) {
        more(state.size() - STATE_LISTED_MAX);
        break;
      }
      out.printf(
          Locale.ROOT, "    %s  %s%n", Words.entry(entry.getKey()), Words.id(entry.getValue()));
    }
  }

  private interface Line<T> {
    String of(T value);
  }

  private <T> void list(Collection<T> values, Line<T> line) {
    int listed = 0;
    for (T value : values) {
      if (listed++ == LISTED_MAX) {
        more(values.size() - LISTED_MAX);
        return;
      }
      out.println("    " + line.of(value));
    }
  }

  private void more(int count) {
    out.printf(Locale.ROOT, "    and %,d more (--json lists all)%n", count);
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
