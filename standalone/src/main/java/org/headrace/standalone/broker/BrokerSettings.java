package org.headrace.standalone.broker;

import java.nio.file.Path;
import java.util.Properties;

/**
 * The embedded broker's settings: one node on loopback, few threads, small buffers, segments short
 * enough that reading the open ones again after a kill takes no time that grows with the history.
 */
final class BrokerSettings {
  static final int NODE_ID = 1;
  static final String CLIENTS = "CLIENTS";
  static final String CONTROLLER = "CONTROLLER";
  static final int SEGMENT_BYTES = 16 * 1024 * 1024;

  private BrokerSettings() {}

  static Properties of(Path logFolder, BrokerAccess access, int controllerPort) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", Integer.toString(NODE_ID));
    p.setProperty("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.setProperty("log.dirs", logFolder.toString());
    listeners(p, access, controllerPort);
    smallFootprint(p);
    quickRestart(p);
    singleNode(p);
    return p;
  }

  private static void listeners(Properties p, BrokerAccess access, int controllerPort) {
    String clients = CLIENTS + "://127.0.0.1:" + access.port();
    p.setProperty("listeners", clients + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    p.setProperty("advertised.listeners", clients);
    p.setProperty("inter.broker.listener.name", CLIENTS);
    p.setProperty("controller.listener.names", CONTROLLER);
    p.setProperty(
        "listener.security.protocol.map",
        CLIENTS + ":SASL_PLAINTEXT," + CONTROLLER + ":SASL_PLAINTEXT");
    p.setProperty("sasl.enabled.mechanisms", "PLAIN");
    p.setProperty("sasl.mechanism.inter.broker.protocol", "PLAIN");
    p.setProperty("sasl.mechanism.controller.protocol", "PLAIN");
    for (String listener : new String[] {"clients", "controller"}) {
      p.setProperty("listener.name." + listener + ".plain.sasl.jaas.config", access.jaas(true));
    }
  }

  private static void smallFootprint(Properties p) {
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "4");
    p.setProperty("num.replica.fetchers", "1");
    p.setProperty("background.threads", "2");
    p.setProperty("num.recovery.threads.per.data.dir", "2");
    p.setProperty("group.coordinator.threads", "1");
    p.setProperty("queued.max.requests", "100");
    p.setProperty("offsets.load.buffer.size", Integer.toString(1024 * 1024));
    p.setProperty("log.cleaner.threads", "1");
    p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    p.setProperty("log.cleaner.io.buffer.size", Integer.toString(128 * 1024));
    p.setProperty("log.index.size.max.bytes", Integer.toString(512 * 1024));
    p.setProperty("socket.send.buffer.bytes", Integer.toString(128 * 1024));
    p.setProperty("socket.receive.buffer.bytes", Integer.toString(128 * 1024));
    p.setProperty("producer.id.expiration.ms", Integer.toString(3_600_000));
    // Nobody measures the idle controller's lag, and the metadata log need not grow by it.
    p.setProperty("metadata.max.idle.interval.ms", "0");
    p.setProperty("metadata.log.segment.bytes", Integer.toString(8 * 1024 * 1024));
  }

  /**
   * Every start meets the ghost of the broker before it until its session times out. A broker that
   * is fenced because the process stood still for so long is back at its next heartbeat.
   */
  private static void quickRestart(Properties p) {
    p.setProperty("broker.session.timeout.ms", "500");
    p.setProperty("broker.heartbeat.interval.ms", "100");
    p.setProperty("controller.quorum.election.timeout.ms", "200");
    p.setProperty("controller.quorum.fetch.timeout.ms", "1000");
    p.setProperty("log.flush.offset.checkpoint.interval.ms", "5000");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    p.setProperty("group.min.session.timeout.ms", "1000");
    p.setProperty("log.segment.bytes", Integer.toString(SEGMENT_BYTES));
    p.setProperty("controlled.shutdown.enable", "false");
    p.setProperty("unstable.api.versions.enable", "false");
  }

  private static void singleNode(Properties p) {
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("default.replication.factor", "1");
    p.setProperty("min.insync.replicas", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "1");
    p.setProperty("offsets.topic.segment.bytes", Integer.toString(1024 * 1024));
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "1");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "1");
    p.setProperty("message.max.bytes", Integer.toString(BrokerAccess.MESSAGE_BYTES_MAX));
    p.setProperty("replica.fetch.max.bytes", Integer.toString(BrokerAccess.MESSAGE_BYTES_MAX));
    // Committed offsets of a server that was off for weeks are still where it goes on.
    p.setProperty("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
  }
}
