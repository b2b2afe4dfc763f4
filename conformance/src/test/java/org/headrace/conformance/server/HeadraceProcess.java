package org.headrace.conformance.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Headrace of its own: the {@code headrace} script as a child process on a free port and a data
 * folder that outlives kills. One thread drives it; {@link #baseUrl()} stays the same across
 * restarts.
 */
public final class HeadraceProcess implements AutoCloseable {
  public static final String SERVER_NAME = "localhost";
  private static final Duration START_DEADLINE = Duration.ofSeconds(120);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
  private static final long POLL_INTERVAL_MILLIS = 50;
  private static final int OUTPUT_TAIL_LINES = 60;

  private final Path data;
  private final Path output;
  private final int port;
  private final List<String> options;
  private final String javaOptions;
  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;
  private Duration lastStart = Duration.ZERO;

  private HeadraceProcess(Path data, int port, String javaOptions, List<String> options) {
    this.data = data;
    this.output = data.resolveSibling(data.getFileName() + ".log");
    this.port = port;
    this.options = options;
    this.javaOptions = javaOptions;
    this.process = launch();
  }

  /** Starts on an empty data folder and waits until requests are served. */
  public static HeadraceProcess start(String... options) {
    return startWith("", options);
  }

  /** As {@link #start}, with further options for the JVM. */
  public static HeadraceProcess startWith(String javaOptions, String... options) {
    try {
      Path data = Files.createTempDirectory("headrace-it-").resolve("data");
      return startOn(data, javaOptions, List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts on a given data folder, which is removed on close, and waits until requests are served.
   */
  public static HeadraceProcess startOn(Path data, String... options) {
    return startOn(data, "", List.of(options));
  }

  private static HeadraceProcess startOn(Path data, String javaOptions, List<String> options) {
    HeadraceProcess started = new HeadraceProcess(data, freePort(), javaOptions, options);
    started.awaitServing();
    return started;
  }

  /**
   * Runs another headrace command (such as {@code tenant add}) and gives its output; it must
   * succeed.
   */
  public static String command(String... words) {
    List<String> line = new ArrayList<>(List.of(script().toString()));
    line.addAll(List.of(words));
    try {
      Process run = new ProcessBuilder(line).redirectErrorStream(true).start();
      run.getOutputStream().close();
      String text = new String(run.getInputStream().readAllBytes());
      if (run.waitFor() != 0) {
        throw new IllegalStateException(line + " failed:\n" + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public Path data() {
    return data;
  }

  /** How long the last start took until the first request was served. */
  public Duration lastStart() {
    return lastStart;
  }

  /** kill -9 of the script and all that it started; returns when they are gone. */
  public void kill() {
    List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
    family.add(process.toHandle());
    family.forEach(ProcessHandle::destroyForcibly);
    family.forEach(one -> one.onExit().orTimeout(30, TimeUnit.SECONDS).join());
  }

  /** Starts again on the same data and port after a kill. */
  public void restart() {
    process = launch();
    awaitServing();
  }

  /** What the process printed, the end of it, for failure messages. */
  public String outputTail() {
    try {
      List<String> lines = Files.readAllLines(output);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - OUTPUT_TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "(no output: " + e + ")";
    }
  }

  /** All that was printed since the first start. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        kill();
      }
      if (!Boolean.getBoolean("headrace.keep")) {
        delete(data);
        Files.deleteIfExists(output);
        Files.deleteIfExists(data.getParent());
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process launch() {
    List<String> line =
        new ArrayList<>(
            List.of(
                script().toString(),
                "run",
                "--server-name",
                SERVER_NAME,
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--data",
                data.toString(),
                "--open-registration"));
    line.addAll(options);
    try {
      Files.createDirectories(data.getParent());
      ProcessBuilder builder = new ProcessBuilder(line);
      if (!javaOptions.isEmpty()) {
        builder.environment().merge("HEADRACE_JAVA_OPTS", javaOptions, (a, b) -> a + " " + b);
      }
      return builder
          .directory(Repository.root().toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitServing() {
    long begin = System.nanoTime();
    HttpRequest versions =
        HttpRequest.newBuilder(baseUrl().resolve("/_matrix/client/versions"))
            .timeout(Duration.ofSeconds(5))
            .build();
    while (true) {
      lastStart = Duration.ofNanos(System.nanoTime() - begin);
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "headrace ended with " + process.exitValue() + "\n" + outputTail());
      }
      try {
        if (http.send(versions, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // Nobody listens yet.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (lastStart.compareTo(START_DEADLINE) > 0) {
        String tail = outputTail();
        kill();
        throw new IllegalStateException(
            "headrace does not serve after " + START_DEADLINE + "\n" + tail);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_INTERVAL_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path script() {
    String given = System.getProperty("headrace.script", "");
    Path script = given.isBlank() ? Repository.root().resolve("headrace") : Path.of(given);
    if (!Files.isExecutable(script)) {
      throw new IllegalStateException("no headrace script at " + script);
    }
    return script;
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path at, java.io.IOException error)
              throws IOException {
            Files.delete(at);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
