package org.headrace.standalone.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.headrace.standalone.broker.BrokerAccess;

/**
 * Brokers that others run, and how to be known to them.
 *
 * @param brokers where to begin: {@code host:port,host:port}
 * @param security Kafka's own settings of TLS and SASL
 */
record KafkaSettings(String brokers, Map<String, String> security) {
  private static final List<String> PREFIXES = List.of("security.", "ssl.", "sasl.");
  private static final int RECONNECT_MILLIS_MIN = 50;
  private static final int RECONNECT_MILLIS_MAX = 1_000;

  static Optional<KafkaSettings> of(Map<Setting, String> given) throws StartException {
    String brokers = given.get(Setting.KAFKA);
    String file = given.get(Setting.KAFKA_CONFIG);
    if (brokers == null) {
      if (file != null) {
        throw new StartException(Setting.KAFKA_CONFIG.flag() + " needs " + Setting.KAFKA.flag());
      }
      return Optional.empty();
    }
    for (String broker : brokers.split(",", -1)) {
      HostPort.parse(Setting.KAFKA, broker);
    }
    return Optional.of(
        new KafkaSettings(brokers, file == null ? Map.of() : security(Path.of(file))));
  }

  private static Map<String, String> security(Path path) throws StartException {
    Map<String, String> security = MountedSettings.read(Setting.KAFKA_CONFIG, path);
    for (String key : security.keySet()) {
      if (PREFIXES.stream().noneMatch(key::startsWith)) {
        throw new StartException(path + ": " + key + " is none of security.…, ssl.… and sasl.…");
      }
    }
    return security;
  }

  /** Settings of every Kafka client. */
  Map<String, Object> clientConfig() {
    Map<String, Object> config = new HashMap<>(security);
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, BrokerAccess.MESSAGE_BYTES_MAX);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, RECONNECT_MILLIS_MIN);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MILLIS_MAX);
    return Map.copyOf(config);
  }

  @Override
  public String toString() {
    return "KafkaSettings[" + brokers + "]";
  }
}
