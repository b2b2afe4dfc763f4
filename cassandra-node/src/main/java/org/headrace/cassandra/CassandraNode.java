package org.headrace.cassandra;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One Cassandra node on a loopback address, with everything it keeps in one folder, as a child
 * process on Java 17. It speaks CQL a few seconds after it is started; it goes with this process,
 * unless that is killed.
 */
public final class CassandraNode implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofMinutes(3);
  private static final long STOP_SECONDS_MAX = 20;
  private static final long PROBE_MILLIS = 100;
  private static final int PROBE_TIMEOUT_MILLIS = 2_000;

  /** OPTIONS of the native protocol, version 5: a node that answers speaks CQL. */
  private static final byte[] OPTIONS = {5, 0, 0, 0, 5, 0, 0, 0, 0};

  private final Process process;
  private final InetSocketAddress address;
  private final Path log;
  private final Thread hook = new Thread(this::kill, "stop-cassandra");

  private CassandraNode(Process process, InetSocketAddress address, Path log) {
    this.process = process;
    this.address = address;
    this.log = log;
  }

  /** Starts a node, or starts it again, and waits until it answers. */
  public static CassandraNode start(NodeSettings settings) throws IOException {
    settings.write();
    ProcessBuilder builder = new ProcessBuilder(settings.command());
    builder.directory(settings.folder().toFile());
    builder.redirectErrorStream(true);
    Path log = settings.folder().resolve("cassandra.out");
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    CassandraNode node =
        new CassandraNode(
            builder.start(), new InetSocketAddress(settings.address(), settings.port()), log);
    Runtime.getRuntime().addShutdownHook(node.hook);
    Files.writeString(
        settings.folder().resolve("cassandra.pid"), Long.toString(node.process.pid()));
    node.awaitAnswer();
    return node;
  }

  /** Where it speaks CQL. */
  public InetSocketAddress address() {
    return address;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** A port that nobody has now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer() throws IOException {
    long end = System.nanoTime() + START_MAX.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        kill();
        throw new IOException("Cassandra does not answer at " + address + ":\n" + lastLines());
      }
      try {
        process.waitFor(PROBE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        kill();
        throw new IOException("interrupted", e);
      }
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(address, PROBE_TIMEOUT_MILLIS);
      socket.setSoTimeout(PROBE_TIMEOUT_MILLIS);
      socket.getOutputStream().write(OPTIONS);
      InputStream in = socket.getInputStream();
      return in.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private String lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }

  /** Ends it with SIGKILL. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Waits until it has ended. */
  public int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Ends it. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        kill();
      }
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // This process ends, and the hook runs.
    }
  }

  /**
   * {@code CassandraNode FOLDER [PORT [ADDRESS]]}: starts a node, says so, and stays until it ends.
   * {@code CassandraNode --command FOLDER [PORT [ADDRESS]]}: writes its files and prints the
   * command that runs it, an argument a line, for a script that wants the process to itself.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> given = new ArrayList<>(List.of(arguments));
    boolean isCommand = given.remove("--command");
    if (given.isEmpty() || given.size() > 3) {
      System.err.println("usage: CassandraNode [--command] FOLDER [PORT [ADDRESS]]");
      System.exit(2);
    }
    NodeSettings settings =
        NodeSettings.of(
            Path.of(given.get(0)),
            given.size() > 1 ? Integer.parseInt(given.get(1)) : NodeSettings.PORT,
            given.size() > 2 ? given.get(2) : NodeSettings.ADDRESS);
    if (isCommand) {
      settings.write();
      settings.command().forEach(System.out::println);
      return;
    }
    try (CassandraNode node = start(settings)) {
      System.out.println("Cassandra answers at " + node.address + ", process " + node.pid());
      System.exit(node.await());
    }
  }
}
