package org.headrace.cassandra;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node is started with.
 *
 * @param folder everything that it keeps
 * @param port where it speaks CQL
 * @param storagePort where nodes speak to each other
 * @param address a loopback address
 * @param heapMebibytes of its JVM
 * @param more lines of cassandra.yaml
 */
public record NodeSettings(
    Path folder, int port, int storagePort, String address, int heapMebibytes, String more) {
  static final int PORT = 9042;
  static final String ADDRESS = "127.0.0.1";
  private static final int HEAP_MEBIBYTES = 512;

  private static final List<String> OPENED =
      List.of(
          "java.base/java.io",
          "java.base/java.lang",
          "java.base/java.lang.module",
          "java.base/java.lang.reflect",
          "java.base/java.math",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util",
          "java.base/java.util.concurrent",
          "java.base/java.util.concurrent.atomic",
          "java.base/jdk.internal.loader",
          "java.base/jdk.internal.math",
          "java.base/jdk.internal.module",
          "java.base/jdk.internal.ref",
          "java.base/jdk.internal.reflect",
          "java.base/jdk.internal.util.jar",
          "java.base/jdk.internal.vm",
          "java.base/sun.nio.ch",
          "java.rmi/sun.rmi.transport",
          "java.rmi/sun.rmi.registry",
          "java.rmi/sun.rmi.server",
          "java.rmi/sun.rmi.transport.tcp",
          "java.sql/java.sql",
          "jdk.management/com.sun.management.internal");

  private static final List<String> EXPORTED =
      List.of(
          "java.base/java.lang.ref",
          "java.base/jdk.internal.misc",
          "java.base/jdk.internal.perf",
          "java.base/jdk.internal.ref",
          "java.base/sun.nio.ch",
          "java.management.rmi/com.sun.jmx.remote.internal.rmi",
          "java.rmi/sun.rmi.registry",
          "java.rmi/sun.rmi.server",
          "java.rmi/sun.rmi.transport.tcp",
          "java.sql/java.sql",
          "jdk.attach/sun.tools.attach",
          "jdk.compiler/com.sun.tools.javac.file",
          "jdk.naming.dns/com.sun.jndi.dns",
          "jdk.unsupported/sun.misc");

  public static NodeSettings of(Path folder, int port, String address) throws IOException {
    return new NodeSettings(
        folder.toAbsolutePath(), port, CassandraNode.freePort(), address, HEAP_MEBIBYTES, "");
  }

  /** The same with these lines of cassandra.yaml. */
  public NodeSettings with(String more) {
    return new NodeSettings(folder, port, storagePort, address, heapMebibytes, more);
  }

  /** The command that runs the node in its folder, once {@link #write} was called. */
  public List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Java17.command().toString());
    command.add("-Xms" + heapMebibytes + "m");
    command.add("-Xmx" + heapMebibytes + "m");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-Xss512k");
    command.add("-ea:org.apache.cassandra.db.marshal...");
    command.add("-Dcassandra.config=" + folder.resolve("cassandra.yaml").toUri());
    command.add("-Dcassandra.storagedir=" + folder);
    command.add("-Dcassandra.logdir=" + folder);
    command.add("-Dlogback.configurationFile=" + folder.resolve("logback.xml").toUri());
    command.add("-Dcassandra-foreground=yes");
    command.add("-Dcassandra.ring_delay_ms=100");
    command.add("-Dcassandra.skip_wait_for_gossip_to_settle=0");
    command.add("-Dcassandra.superuser_setup_delay_ms=0");
    command.add("-Djava.net.preferIPv4Stack=true");
    command.add("-Djdk.attach.allowAttachSelf=true");
    command.add("-Dio.netty.tryReflectionSetAccessible=true");
    command.add("-Djava.security.manager=allow");
    for (String opened : OPENED) {
      command.add("--add-opens=" + opened + "=ALL-UNNAMED");
    }
    for (String exported : EXPORTED) {
      command.add("--add-exports=" + exported + "=ALL-UNNAMED");
    }
    command.add("-cp");
    command.add(resource("classpath").strip());
    command.add("org.apache.cassandra.service.CassandraDaemon");
    return command;
  }

  /** Makes the folder and the files that the node reads. */
  void write() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("cassandra.yaml"),
        resource("cassandra.yaml")
                .replace("${folder}", folder.toString())
                .replace("${address}", address)
                .replace("${storage_port}", Integer.toString(storagePort))
                .replace("${port}", Integer.toString(port))
            + more);
    Files.writeString(folder.resolve("logback.xml"), resource("logback.xml"));
  }

  private static String resource(String name) {
    try (InputStream in = NodeSettings.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no " + name + ": the build writes it");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
