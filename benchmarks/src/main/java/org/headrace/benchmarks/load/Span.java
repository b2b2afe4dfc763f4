package org.headrace.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of the operations that fell due in one span of a {@link Watch}. Guarded by itself.
 */
final class Span {
  /** One kind of operation. */
  static final class Tally {
    long due;
    long hidden;
    long failed;

    /** How often each answer other than 200 was given, to first tries and to repeats. */
    final Map<String, Integer> answers = new TreeMap<>();

    final Latencies latencies = new Latencies();
  }

  /** From the span's beginning or the last acknowledgement to the next, for one kind or room. */
  private static final class Progress {
    private long lastNanos;
    private long longestNanos;

    private Progress(long nanos) {
      lastNanos = nanos;
    }

    private void now(long nanos) {
      longestNanos = Math.max(longestNanos, nanos - lastNanos);
      lastNanos = nanos;
    }
  }

  final String name;
  private final long begunNanos;
  private final Map<String, Tally> tallies = new TreeMap<>();
  private final Map<String, Progress> kinds = new TreeMap<>();
  private final Map<Integer, Progress> rooms = new TreeMap<>();
  private long endedNanos;
  private double caughtUpSeconds = Double.NaN;

  Span(String name, long nanos) {
    this.name = name;
    this.begunNanos = nanos;
  }

  synchronized void due(String kind) {
    tally(kind).due++;
  }

  synchronized void answered(String kind, String answer) {
    tally(kind).answers.merge(answer, 1, Integer::sum);
  }

  synchronized void ended(String kind, boolean repeated, boolean done, long nanos) {
    Tally tally = tally(kind);
    if (!done) {
      tally.failed++;
    } else {
      tally.latencies.record(nanos);
      if (repeated) {
        tally.hidden++;
      }
    }
  }

  /** To be told in which span it is now, whenever an operation has succeeded. */
  synchronized void progress(String kind, int room, long nanos) {
    kinds.computeIfAbsent(kind, k -> new Progress(begunNanos)).now(nanos);
    if (room >= 0) {
      rooms.computeIfAbsent(room, r -> new Progress(begunNanos)).now(nanos);
    }
  }

  synchronized void caughtUp(long nanos) {
    caughtUpSeconds = (nanos - begunNanos) / 1e9;
  }

  /** Closes it; kinds and rooms that made no progress at all stood still all the time. */
  synchronized void end(long nanos, int roomCount) {
    endedNanos = nanos;
    for (String kind : tallies.keySet()) {
      progress(kind, -1, nanos);
    }
    for (int room = 0; room < roomCount; room++) {
      rooms.computeIfAbsent(room, r -> new Progress(begunNanos)).now(nanos);
    }
  }

  synchronized Tally tally(String kind) {
    return tallies.computeIfAbsent(kind, k -> new Tally());
  }

  /** Of the operations of these kinds that fell due, how many in a hundred were done. */
  synchronized double donePercent(List<String> some) {
    List<Tally> asked = some.stream().map(this::tally).toList();
    long due = asked.stream().mapToLong(tally -> tally.due).sum();
    long failed = asked.stream().mapToLong(tally -> tally.failed).sum();
    return due == 0 ? Double.NaN : 100.0 * (due - failed) / due;
  }

  static String header() {
    return String.format(
        "%-14s %-13s %7s %9s %7s %10s %9s %9s  %s",
        "span",
        "operations",
        "due",
        "repeated",
        "failed",
        "no answer",
        "p50 ms",
        "p99 ms",
        "answers other than 200");
  }

  /** A line for each kind, then one for the rooms and the views. */
  synchronized String rows() {
    StringBuilder rows = new StringBuilder();
    tallies.forEach(
        (kind, tally) ->
            rows.append(
                String.format(
                    "%-14s %-13s %7d %9d %7d %8.1f s %9.1f %9.1f  %s%n",
                    name,
                    kind,
                    tally.due,
                    tally.hidden,
                    tally.failed,
                    longestSeconds(kinds.get(kind)),
                    tally.latencies.millis(50),
                    tally.latencies.millis(99),
                    tally.answers.isEmpty() ? "" : tally.answers)));
    List<Double> gaps = new ArrayList<>();
    rooms.values().forEach(room -> gaps.add(longestSeconds(room)));
    gaps.sort(null);
    rows.append(
        String.format(
            "%-14s %.0f s; longest without a message, by room: %s; all that was said before it"
                + " was seen after %.1f s%n",
            name,
            (endedNanos - begunNanos) / 1e9,
            gaps.stream().map(gap -> String.format("%.1f", gap)).toList(),
            caughtUpSeconds));
    return rows.toString();
  }

  /** Without a success of a kind. */
  synchronized double longestSeconds(String kind) {
    return longestSeconds(kinds.get(kind));
  }

  private static double longestSeconds(@Nullable Progress progress) {
    return progress == null ? Double.NaN : progress.longestNanos / 1e9;
  }
}
