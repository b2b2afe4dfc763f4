package org.headrace.standalone.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * Apache Kafka in this process: broker and KRaft controller in one, on loopback ports that each
 * start picks, open only to who has the secret in the data folder (design D11).
 */
public final class EmbeddedBroker implements AutoCloseable {
  private final KafkaRaftServer server;
  private final BrokerAccess access;
  private final Path dataFolder;

  private EmbeddedBroker(KafkaRaftServer server, BrokerAccess access, Path dataFolder) {
    this.server = server;
    this.access = access;
    this.dataFolder = dataFolder;
  }

  /** Starts the broker on this data folder and returns when it serves. */
  public static EmbeddedBroker start(Path dataFolder) throws IOException {
    Path logFolder = dataFolder.resolve("log");
    format(logFolder);
    int[] ports = freePorts();
    BrokerAccess access = BrokerAccess.at(dataFolder, ports[0]);
    KafkaConfig config = new KafkaConfig(BrokerSettings.of(logFolder, access, ports[1]), false);
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    try {
      server.startup();
    } catch (RuntimeException e) {
      server.shutdown();
      throw e;
    }
    return new EmbeddedBroker(server, access, dataFolder);
  }

  public BrokerAccess access() {
    return access;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    try {
      BrokerAccess.forget(dataFolder);
    } catch (IOException e) {
      // A stale port only costs the next command an attempt to connect.
    }
  }

  /** Writes the storage's identity, unless it has one. */
  private static void format(Path logFolder) throws IOException {
    if (Files.exists(logFolder.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(logFolder);
    try {
      new Formatter()
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerSettings.NODE_ID)
          .addDirectory(logFolder.toString())
          .setMetadataLogDirectory(logFolder.toString())
          .setControllerListenerName(BrokerSettings.CONTROLLER)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setFeatureLevel(KRaftVersion.FEATURE_NAME, (short) 0)
          .setIgnoreFormatted(true)
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the log's storage cannot be made: " + e.getMessage(), e);
    }
  }

  private static int[] freePorts() throws IOException {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new int[] {first.getLocalPort(), second.getLocalPort()};
    }
  }
}
