package org.headrace.standalone.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.headrace.core.id.ServerName;
import org.headrace.standalone.app.Role;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a person sees of a start: its steps, then where the server is and how to go on. Where logs
 * are JSON, all of it is logged instead, so that nothing else is on the console.
 */
final class StartScreen {
  private static final Logger LOG = Logger.getLogger("org.headrace");

  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintStream out;
  private final boolean logged;
  private final long begunNanos;

  /** {@code logged}: instead of shown. */
  StartScreen(PrintStream out, boolean logged, long begunNanos) {
    this.out = out;
    this.logged = logged;
    this.begunNanos = begunNanos;
  }

  void begin() {
    say("Headrace " + Main.VERSION);
  }

  synchronized void step(String what) {
    say(String.format(Locale.ROOT, "  %4.1f s  %s", seconds(), what));
  }

  /** A line of what recovery found. */
  synchronized void found(String what) {
    say("          " + what);
  }

  /** Something an operator must know, while serving. */
  void alarm(String what) {
    if (logged) {
      LOG.warn(what);
    } else {
      System.err.println("headrace: " + what);
    }
  }

  /**
   * Ends the process at once, as a kill would: what is left of it cannot be relied on, and a start
   * after a kill repairs nothing because there is nothing to repair.
   */
  static void end(String why) {
    System.err.println("headrace: ended by " + why + "; start it again");
    System.err.flush();
    Runtime.getRuntime().halt(Main.EXIT_FAILED);
  }

  /** {@code name}: the default tenant; null where no role of the process knows tenants. */
  synchronized void ready(Settings settings, @Nullable ServerName name) {
    step(settings.cluster().isEmpty() ? "ready" : "started");
    say("");
    boolean http =
        settings.cluster().map(cluster -> Role.anyOf(Role.HTTP, cluster.roles())).orElse(true);
    if (http) {
      say("  address      http://" + host(settings.bind()) + ":" + settings.port());
      settings
          .tls()
          .ifPresent(
              tls -> say("  with TLS     https://" + host(settings.bind()) + ":" + tls.port()));
    }
    settings
        .management()
        .ifPresent(
            port ->
                say("  management   http://" + host(port.bind()) + ":" + port.port() + "/health"));
    if (name != null) {
      say("  server name  " + name);
    }
    say("  data folder  " + settings.data());
    say("");
    if (http) {
      hints(settings);
    }
    say("  Stop with Ctrl-C.");
    out.flush();
  }

  private void hints(Settings settings) {
    if (!settings.flushCommands()) {
      say("  Writes are acknowledged before they are on the disk (--unsafe-no-flush).");
    }
    String command = System.getProperty("headrace.command.shown", "./headrace");
    String data = settings.isDefaultData() ? "" : " --data " + settings.data();
    say(
        settings.openRegistration()
            ? "  Point a Matrix client at the address; whoever reaches it can register."
            : "  Make an account with "
                + command
                + " user add NAME"
                + data
                + ", then point a Matrix client at the address.");
  }

  void failed(Throwable e, Path data) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    System.err.println(
        "headrace: did not start: "
            + why.lines().findFirst().orElse("")
            + " (more in "
            + data.resolve("headrace.log")
            + ")");
  }

  private void say(String line) {
    if (!logged) {
      out.println(line);
    } else if (!line.isBlank()) {
      LOG.info(line.strip());
    }
  }

  private double seconds() {
    return (System.nanoTime() - begunNanos) / NANOS_PER_SECOND;
  }

  private static String host(String bind) {
    return switch (bind) {
      case "0.0.0.0", "::" -> "127.0.0.1";
      default -> bind.contains(":") ? "[" + bind + "]" : bind;
    };
  }
}
