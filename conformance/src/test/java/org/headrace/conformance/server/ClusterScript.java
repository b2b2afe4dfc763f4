package org.headrace.conformance.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code conformance/cluster} on a folder and ports of its own: brokers, a Cassandra, two processes
 * of each role, a gateway. Closing stops all of it and removes the folder, unless it is to be kept.
 */
public final class ClusterScript implements AutoCloseable {
  /** The script uses so many ports, from the gateway's on. */
  private static final int PORTS = 60;

  /** Below those that outgoing connections are given: one of these could be taken meanwhile. */
  private static final int FIRST_PORT = 21_000;

  private static final int LAST_PORT = 32_000;

  private final Path folder;
  private final int port;
  private final boolean given;
  private final TraceCollector traces = new TraceCollector();
  private boolean kept;

  private ClusterScript(Path folder, int port, boolean given) {
    this.folder = folder;
    this.port = port;
    this.given = given;
  }

  /** What its processes tell of one request in ten that writes; not if it ran already. */
  public Optional<TraceCollector> traces() {
    return given ? Optional.empty() : Optional.of(traces);
  }

  /**
   * Starts all of it and returns when all is ready. {@code -Dheadrace.cluster.folder} and {@code
   * -Dheadrace.cluster.port} name one that runs already, and is left running.
   */
  public static ClusterScript up() {
    String running = System.getProperty("headrace.cluster.folder", "");
    if (!running.isEmpty()) {
      return new ClusterScript(
          Path.of(running), Integer.getInteger("headrace.cluster.port", 29_200), true);
    }
    try {
      ClusterScript cluster =
          new ClusterScript(Files.createTempDirectory("headrace-cluster-"), freePorts(), false);
      boolean up = false;
      try {
        cluster.run("up");
        up = true;
        return cluster;
      } finally {
        if (!up) {
          cluster.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePorts() {
    for (int from = FIRST_PORT; from < LAST_PORT; from += PORTS) {
      if (areFree(from)) {
        return from;
      }
    }
    throw new IllegalStateException("no " + PORTS + " free ports in a row");
  }

  private static boolean areFree(int from) {
    for (int port = from; port < from + PORTS; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        socket.setReuseAddress(true);
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** The gateway's address. */
  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Kills a process with -9 and returns when it is gone. */
  public void kill(String name) {
    run("kill", name);
  }

  /** Starts it again and returns when it is ready. */
  public void start(String name) {
    run("start", name);
  }

  /** Stops it as an operator does and returns when it has ended. */
  public void stop(String name) {
    run("stop", name);
  }

  /** Stops it with SIGSTOP. */
  public void pause(String name) {
    run("pause", name);
  }

  /** Lets it go on. */
  public void resume(String name) {
    run("resume", name);
  }

  /** Where one process answers HTTP itself. */
  public URI url(String name) {
    return URI.create(run("url", name).strip());
  }

  /** Whether the process runs, or is stopped; not whether it is ready. */
  public boolean runs(String name) {
    try {
      String pid = Files.readString(folder.resolve(name + ".pid")).strip();
      return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    } catch (IOException e) {
      return false;
    }
  }

  /** The data and logs stay when this is closed. */
  public Path keep() {
    kept = true;
    return folder;
  }

  private String run(String... words) {
    List<String> line = new ArrayList<>();
    line.add(Repository.root().resolve("conformance/cluster").toString());
    line.addAll(List.of(words));
    try {
      Path said = Files.createTempFile("headrace-cluster-", ".log");
      ProcessBuilder builder = new ProcessBuilder(line);
      builder.environment().put("HEADRACE_CLUSTER", folder.toString());
      builder.environment().put("HEADRACE_CLUSTER_PORT", Integer.toString(port));
      if (!given) {
        builder.environment().put("HEADRACE_TRACES", traces.url().toString());
        builder.environment().put("HEADRACE_TRACES_RATIO", "0.1");
      }
      Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
      process.getOutputStream().close();
      int exit = process.waitFor();
      String text = Files.readString(said);
      Files.delete(said);
      if (exit != 0) {
        throw new IllegalStateException(line + " failed:\n" + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try (traces) {
      if (!given) {
        run(kept || Boolean.getBoolean("headrace.keep") ? "down" : "destroy");
      }
    }
  }
}
