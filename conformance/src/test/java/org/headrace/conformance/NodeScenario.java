package org.headrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.Repository;

/**
 * Runs {@code js/scenario.mjs}: two matrix-js-sdk clients in an encrypted room. What it needs is
 * installed on first use: npm (from the machine, else from Debian's packages), then the packages of
 * the lock file, one of which carries Node.
 */
final class NodeScenario {
  private static final long INSTALL_DEADLINE_SECONDS = 300;
  private static final int LINES_KEPT = 50;

  private NodeScenario() {}

  private static Path folder() {
    return Repository.root().resolve("conformance/js");
  }

  /** Installs the pinned packages unless they are there; gives the Node binary. */
  static synchronized Path node() {
    Path node = folder().resolve("node_modules/node/bin/node");
    Path installed = folder().resolve("node_modules/.package-lock.json");
    try {
      boolean fresh =
          Files.isExecutable(node)
              && Files.isRegularFile(installed)
              && Files.getLastModifiedTime(installed)
                      .compareTo(Files.getLastModifiedTime(folder().resolve("package-lock.json")))
                  >= 0;
      if (!fresh) {
        ensureNpm();
        run("npm", "ci", "--no-audit", "--no-fund");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return node;
  }

  private static void ensureNpm() {
    boolean present =
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "npm")));
    if (present) {
      return;
    }
    boolean root = System.getProperty("user.name").equals("root");
    if (!root || !Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
      throw new IllegalStateException(
          "The real-client tests need npm. Install it (on Debian: apt-get install nodejs npm) and run again.");
    }
    run("apt-get", "update", "-q");
    run("apt-get", "install", "-q", "-y", "--no-install-recommends", "nodejs", "npm");
  }

  private static void run(String... line) {
    try {
      Path output = Files.createTempFile("headrace-npm-", ".log");
      Process process =
          new ProcessBuilder(line)
              .directory(folder().toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(INSTALL_DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      if (process.waitFor() != 0) {
        throw new IllegalStateException(List.of(line) + " failed:\n" + Files.readString(output));
      }
      Files.delete(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs the unit tests of the scenario's own judgement; fails with their output. */
  static void testComparison() {
    run(node().toString(), "--test", "compare.test.mjs");
  }

  /** What a run left: its JSON report, its exit code, and the end of what it said. */
  record Result(JsonNode report, int exitCode, String said) {}

  /**
   * Runs the scenario to its end.
   *
   * @param acknowledged is told, in this thread's helper, how many messages were acknowledged so
   *     far
   */
  static Result run(URI baseUrl, int messages, int deadlineSeconds, IntConsumer acknowledged) {
    Path node = node();
    List<String> said = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(
                  node.toString(),
                  "scenario.mjs",
                  "--base-url",
                  baseUrl.toString(),
                  "--messages",
                  Integer.toString(messages),
                  "--deadline-seconds",
                  Integer.toString(deadlineSeconds))
              .directory(folder().toFile())
              .start();
      Thread progress = Thread.ofVirtual().start(() -> follow(process, said, acknowledged));
      String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      progress.join();
      JsonNode parsed = report.isBlank() ? Json.object("error", "no report") : Json.parse(report);
      synchronized (said) {
        return new Result(parsed, exitCode, String.join("\n", said));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void follow(Process process, List<String> said, IntConsumer acknowledged) {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("acked ")) {
          acknowledged.accept(Integer.parseInt(line.substring("acked ".length())));
          continue;
        }
        synchronized (said) {
          said.add(line);
          if (said.size() > LINES_KEPT) {
            said.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
