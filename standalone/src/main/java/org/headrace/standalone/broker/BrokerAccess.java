package org.headrace.standalone.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;

/**
 * How clients in this process, and commands of the same owner beside it, reach the embedded broker:
 * its loopback port of this start and the secret of the data folder.
 */
public record BrokerAccess(int port, String secret) {
  static final String USER = "headrace";
  private static final String PORT_FILE = "broker-port";
  private static final String SECRET_FILE = "broker-secret";

  /** Largest batch of records: room for a create_room with every invite that it may have. */
  public static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  /** Settings of every Kafka client: address and credentials. */
  public Map<String, Object> clientConfig() {
    return Map.of(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        "127.0.0.1:" + port,
        CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
        "SASL_PLAINTEXT",
        SaslConfigs.SASL_MECHANISM,
        "PLAIN",
        SaslConfigs.SASL_JAAS_CONFIG,
        jaas(false),
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
        MESSAGE_BYTES_MAX,
        // The broker is in reach or starting beside us.
        CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG,
        20,
        CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG,
        500,
        CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG,
        20);
  }

  /** The login module's line; a listener's also says who may come in. */
  String jaas(boolean listener) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + USER
        + "\" password=\""
        + secret
        + (listener ? "\" user_" + USER + "=\"" + secret : "")
        + "\";";
  }

  /** The access to a broker that runs on this data folder, if one seems to. */
  public static Optional<BrokerAccess> ofRunning(Path dataFolder) throws IOException {
    Path port = dataFolder.resolve(PORT_FILE);
    if (!Files.exists(port)) {
      return Optional.empty();
    }
    return Optional.of(
        new BrokerAccess(
            Integer.parseInt(Files.readString(port).strip()),
            OwnerFiles.secret(dataFolder.resolve(SECRET_FILE))));
  }

  static BrokerAccess at(Path dataFolder, int port) throws IOException {
    String secret = OwnerFiles.secret(dataFolder.resolve(SECRET_FILE));
    OwnerFiles.write(dataFolder.resolve(PORT_FILE), port + "\n");
    return new BrokerAccess(port, secret);
  }

  static void forget(Path dataFolder) throws IOException {
    Files.deleteIfExists(dataFolder.resolve(PORT_FILE));
  }

  @Override
  public String toString() {
    return "BrokerAccess[" + port + "]";
  }
}
