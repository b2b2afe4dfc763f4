package org.headrace.standalone.dag;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.dag.Explanation;
import org.headrace.core.dag.Explanation.Cause;
import org.headrace.core.dag.RecordedResolution;
import org.headrace.core.dag.RecordedResolution.Check;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.stateres.ResolutionTrace.Phase;
import org.jspecify.annotations.Nullable;

/** Why an entry of the state is what it is, for a person to read. */
final class ExplanationText {
  private static final int CHECKS_LISTED_MAX = 200;
  private static final int CANDIDATES_LISTED_MAX = 50;

  private final DagReplay replay;
  private final Explanation explanation;
  private final StateKey key;
  private final PrintStream out;

  ExplanationText(DagReplay replay, Explanation explanation, PrintStream out) {
    this.replay = replay;
    this.explanation = explanation;
    this.key = explanation.key();
    this.out = out;
  }

  void print() {
    out.printf(Locale.ROOT, "%nWhy %s is %s%n", Words.entry(key), name(explanation.winner()));
    explanation.winner().ifPresent(id -> out.println("    " + described(id)));
    out.println();
    switch (explanation.cause()) {
      case Cause.NeverSet never ->
          out.println(
              replay.missingPrevEvents().isEmpty()
                  ? "  No event on the way from the room's beginning set it."
                  : "  No event that is here set it; others are missing.");
      case Cause.Set set ->
          out.println(
              "  That event set it. No later event, and no resolution of forks, changed that.");
      case Cause.Assumed assumed ->
          out.printf(
              Locale.ROOT,
              "  Events are missing before %s; what is there says so, its auth events first.%n",
              described(assumed.at()));
      case Cause.Resolved resolved -> resolved(resolved);
    }
    candidates();
  }

  private void resolved(Cause.Resolved resolved) {
    out.printf(
        Locale.ROOT,
        "  It was decided %s, where %d forks meet:%n%n",
        resolved.at().map(at -> "before " + described(at)).orElse("at the extremities"),
        resolved.forks().size());
    for (Explanation.Fork fork : resolved.forks()) {
      out.printf(
          Locale.ROOT, "    after %s  it is %s%n", Words.id(fork.last()), name(fork.entry()));
    }
    RecordedResolution resolution = resolved.resolution();
    long events = resolution.conflicts().values().stream().mapToLong(ids -> ids.size()).sum();
    out.printf(
        Locale.ROOT,
        "%n  %s:%n    %d entries are in conflict, with %d events%s%n",
        switch (replay.version().stateResolution()) {
          case V1 -> "State resolution version 1";
          case V2 -> "State resolution version 2";
          case V2_1 -> "State resolution version 2.1";
        },
        resolution.conflicts().size(),
        events,
        resolution.fullConflictedSet().isEmpty()
            ? ""
            : "; the full conflicted set has " + resolution.fullConflictedSet().size());
    checks(resolution);
    out.println();
    conclusion(resolution);
  }

  private void checks(RecordedResolution resolution) {
    Phase phase = null;
    int number = 0;
    for (Check check : resolution.checks()) {
      if (number == CHECKS_LISTED_MAX) {
        out.printf(
            Locale.ROOT,
            "    and %,d more (--json lists all)%n",
            resolution.checks().size() - number);
        return;
      }
      if (check.phase() != phase) {
        phase = check.phase();
        out.println("    " + title(phase, resolution));
      }
      number++;
      out.printf(
          Locale.ROOT,
          "    %s%4d  %s%s%n            %s%n",
          isOfKey(check.event()) ? ">" : " ",
          number,
          described(check.event()),
          rank(check, resolution),
          result(check.result()));
    }
  }

  private String title(Phase phase, RecordedResolution resolution) {
    return switch (phase) {
      case POWER ->
          "Power events and what authorises them, each after its auth events; then by the sender's"
              + " level, time, id:";
      case MAINLINE ->
          "All others, by how far back they join the mainline of power levels from "
              + name(resolution.mainline())
              + "; then by time, id:";
      case V1_IN_TURN ->
          "Power levels, join rules and members, by depth; the first stands, each next one replaces"
              + " it until one is refused:";
      case V1_LAST_ALLOWED -> "All others, deepest first; the first that is allowed stands:";
    };
  }

  private static String rank(Check check, RecordedResolution resolution) {
    return switch (check.phase()) {
      case POWER -> {
        Long level = resolution.senderLevels().get(check.event());
        yield level == null
            ? ""
            : ", level " + (level == Long.MAX_VALUE ? "of a creator" : level.toString());
      }
      case MAINLINE -> {
        Integer position = resolution.mainlinePositions().get(check.event());
        yield position == null
            ? ""
            : position == Integer.MAX_VALUE ? ", joins it nowhere" : ", joins it at " + position;
      }
      case V1_IN_TURN, V1_LAST_ALLOWED -> "";
    };
  }

  private void conclusion(RecordedResolution resolution) {
    EventId shared = resolution.unconflictedWins().get(key);
    if (shared != null) {
      out.printf(
          Locale.ROOT,
          "  All forks share %s, so it stands whatever the checks gave.%n",
          Words.id(shared));
      return;
    }
    out.printf(Locale.ROOT, "  So it is %s:%n", name(explanation.winner()));
    List<Check> own = resolution.checks().stream().filter(c -> isOfKey(c.event())).toList();
    for (Check check : own) {
      out.printf(Locale.ROOT, "    %s %s%n", Words.id(check.event()), why(check));
    }
    first(resolution, own)
        .ifPresent(
            id -> out.printf(Locale.ROOT, "    %s came first and needed no check%n", Words.id(id)));
    if (own.isEmpty() && explanation.winner().isEmpty()) {
      out.println("    there was no candidate that the resolution looked at");
    }
  }

  private String why(Check check) {
    if (check.result() instanceof AuthResult.Denied denied) {
      return "was refused by " + denied.rule() + ": " + Words.clean(denied.reason());
    }
    return explanation.winner().equals(Optional.of(check.event()))
        ? "was allowed, and nothing that comes later in the order replaced it"
        : "was allowed, and replaced by what comes later in the order";
  }

  /** Version 1: the candidate that the others were held against. */
  private Optional<EventId> first(RecordedResolution resolution, List<Check> own) {
    List<EventId> order = resolution.candidateOrders().get(key);
    return order == null || own.stream().anyMatch(c -> c.event().equals(order.getFirst()))
        ? Optional.empty()
        : Optional.of(order.getFirst());
  }

  private void candidates() {
    List<EventId> all = explanation.candidates();
    out.printf(
        Locale.ROOT, "%n  Events of this entry, in the order of the replay: %,d%n", all.size());
    int listed = 0;
    for (EventId id : all) {
      if (listed++ == CANDIDATES_LISTED_MAX) {
        out.printf(
            Locale.ROOT,
            "    and %,d more (--json lists all)%n",
            all.size() - CANDIDATES_LISTED_MAX);
        return;
      }
      DagVerdict verdict = replay.verdict(id);
      String rule = verdict.rule().map(refusing -> " by " + refusing.name()).orElse("");
      out.printf(
          Locale.ROOT,
          "    %s%n            %s%s%n",
          described(id),
          Words.verdict(verdict).replace('_', '-'),
          rule);
    }
  }

  private boolean isOfKey(@Nullable EventId id) {
    return id != null && replay.event(id).is(key.type(), key.stateKey());
  }

  private String described(EventId id) {
    return Words.id(id) + "  " + Words.event(replay.event(id));
  }

  private static String result(AuthResult result) {
    return result instanceof AuthResult.Denied denied
        ? "refused by " + denied.rule() + ": " + Words.clean(denied.reason())
        : "allowed";
  }

  private static String name(Optional<EventId> id) {
    return id.map(Words::id).orElse("not set");
  }
}
