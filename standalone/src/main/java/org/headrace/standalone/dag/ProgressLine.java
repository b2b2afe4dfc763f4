package org.headrace.standalone.dag;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** A bar on a terminal that says how far a long step is and how long it may still take. */
public final class ProgressLine implements AutoCloseable {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Short steps show nothing. */
  private static final long QUIET_NANOS = NANOS_PER_SECOND / 2;

  private static final long REDRAW_NANOS = NANOS_PER_SECOND / 5;
  private static final int BAR_CHARS = 24;
  private static final String CLEAR = "\r\033[K";

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanos;
  private String step = "";
  private long begun;
  private long drawn;
  private boolean shown;

  /**
   * A line on this stream.
   *
   * @param terminal whether somebody watches; nothing is written otherwise
   */
  public ProgressLine(PrintStream out, boolean terminal, LongSupplier nanos) {
    this.out = out;
    this.terminal = terminal;
    this.nanos = nanos;
  }

  /** Whether standard error is a terminal, as the start script or the JVM knows. */
  public static boolean errorIsTerminal() {
    String told = System.getProperty("headrace.stderr.terminal");
    return told == null
        ? System.console() != null && System.console().isTerminal()
        : Boolean.parseBoolean(told);
  }

  void begin(String what) {
    step = what;
    begun = nanos.getAsLong();
    drawn = begun;
  }

  /**
   * Tells how far the step is.
   *
   * @param all 0 where it is not known
   */
  void at(long done, long all, String what) {
    if (!terminal) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - begun < QUIET_NANOS || now - drawn < REDRAW_NANOS) {
      return;
    }
    drawn = now;
    shown = true;
    out.print(CLEAR + line(now - begun, done, all, what));
    out.flush();
  }

  private String line(long elapsedNanos, long done, long all, String what) {
    if (all <= 0 || done <= 0) {
      return step + "  " + what;
    }
    double part = Math.min(1.0, (double) done / all);
    int filled = (int) (part * BAR_CHARS);
    long left = Math.round(elapsedNanos * (1 - part) / part / NANOS_PER_SECOND);
    return String.format(
        Locale.ROOT,
        "%s  [%s%s] %3d %%  %s, %d s left",
        step,
        "=".repeat(filled),
        " ".repeat(BAR_CHARS - filled),
        (int) (part * 100),
        what,
        left);
  }

  @Override
  public void close() {
    if (shown) {
      out.print(CLEAR);
      out.flush();
      shown = false;
    }
  }
}
