package org.headrace.standalone.broker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker and controller (KRaft) in this process, on loopback ports that change with every
 * start. Nobody without the data folder's secret can speak to it.
 */
public final class EmbeddedBroker implements AutoCloseable {
  /** Largest batch of records: room for a create_room with every invite that it may have. */
  static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  private static final int NODE_ID = 1;
  private static final String CONTROLLER = "CONTROLLER";
  private static final String LOCAL = "LOCAL";
  private static final String USER = "headrace";

  private final int port;
  private final String secret;
  private final KafkaRaftServer server;

  private EmbeddedBroker(Path folder, String secret) {
    this.secret = secret;
    int[] ports = freePorts();
    port = ports[0];
    server =
        new KafkaRaftServer(
            KafkaConfig.fromProps(settings(folder, ports[0], ports[1], secret), false),
            Time.SYSTEM);
  }

  /** Formats the folder if it is new, and starts; returns when the broker takes requests. */
  public static EmbeddedBroker start(Path folder, String secret) {
    format(folder);
    EmbeddedBroker broker = new EmbeddedBroker(folder, secret);
    broker.server.startup();
    return broker;
  }

  /** What clients need to reach the broker. */
  public Map<String, Object> clientConfig() {
    return Map.of(
        "bootstrap.servers", "127.0.0.1:" + port,
        "security.protocol", "SASL_PLAINTEXT",
        "sasl.mechanism", "PLAIN",
        "sasl.jaas.config", jaas(secret),
        "reconnect.backoff.ms", "20",
        "reconnect.backoff.max.ms", "500",
        "retry.backoff.ms", "20");
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path folder) {
    try {
      Files.createDirectories(folder);
      if (Files.exists(folder.resolve("meta.properties"))) {
        return;
      }
      new Formatter()
          .setPrintStream(
              new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8))
          .setNodeId(NODE_ID)
          .setClusterId(Uuid.randomUuid().toString())
          .addDirectory(folder.toString())
          .setMetadataLogDirectory(folder.toString())
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setControllerListenerName(CONTROLLER)
          .setIgnoreFormatted(true)
          .run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException("cannot prepare " + folder + " for the log", e);
    }
  }

  private static Properties settings(Path folder, int port, int controllerPort, String secret) {
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE_ID));
    settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    settings.put(
        "listeners",
        LOCAL + "://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    settings.put("advertised.listeners", LOCAL + "://127.0.0.1:" + port);
    settings.put("controller.listener.names", CONTROLLER);
    settings.put("inter.broker.listener.name", LOCAL);
    settings.put(
        "listener.security.protocol.map", LOCAL + ":SASL_PLAINTEXT," + CONTROLLER + ":SASL_PLAINTEXT");
    settings.put("sasl.enabled.mechanisms", "PLAIN");
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put("sasl.mechanism.controller.protocol", "PLAIN");
    settings.put("listener.name.local.plain.sasl.jaas.config", jaas(secret));
    settings.put("listener.name.controller.plain.sasl.jaas.config", jaas(secret));
    settings.put("log.dirs", folder.toString());
    settings.put("message.max.bytes", Integer.toString(MESSAGE_BYTES_MAX));
    settings.put("auto.create.topics.enable", "false");
    alone(settings);
    small(settings);
    quickAfterKill(settings);
    return settings;
  }

  /** One broker holds the only copy. */
  private static void alone(Properties settings) {
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
  }

  /** Threads and buffers for one machine instead of a rack. */
  private static void small(Properties settings) {
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put("num.recovery.threads.per.data.dir", "2");
    settings.put("group.coordinator.threads", "1");
    settings.put("log.cleaner.threads", "1");
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    settings.put("log.cleaner.io.buffer.size", Integer.toString(256 * 1024));
    settings.put("log.index.size.max.bytes", Integer.toString(1024 * 1024));
    settings.put("offsets.topic.segment.bytes", Integer.toString(4 * 1024 * 1024));
    settings.put("offsets.load.buffer.size", Integer.toString(1024 * 1024));
    settings.put("queued.max.requests", "100");
    settings.put("metadata.log.segment.bytes", Integer.toString(8 * 1024 * 1024));
    settings.put("metadata.max.idle.interval.ms", "5000");
  }

  /** The killed process's registration and group members must not hold up its successor. */
  private static void quickAfterKill(Properties settings) {
    settings.put("broker.session.timeout.ms", "1000");
    settings.put("broker.heartbeat.interval.ms", "300");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "1000");
    settings.put("controller.quorum.election.timeout.ms", "200");
    settings.put("controller.quorum.fetch.timeout.ms", "1000");
    settings.put("log.flush.offset.checkpoint.interval.ms", "5000");
  }

  private static String jaas(String secret) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + USER
        + "\" password=\""
        + secret
        + "\" user_"
        + USER
        + "=\""
        + secret
        + "\";";
  }

  private static int[] freePorts() {
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new int[] {one.getLocalPort(), two.getLocalPort()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
