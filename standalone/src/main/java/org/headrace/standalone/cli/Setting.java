package org.headrace.standalone.cli;

import java.util.Arrays;
import java.util.Optional;

/** What can be set, each as a flag, an environment variable and a key of the configuration file. */
enum Setting {
  SERVER_NAME("server-name"),
  PORT("port"),
  BIND("bind"),
  DATA("data"),
  OPEN_REGISTRATION("open-registration"),
  UNSAFE_NO_FLUSH("unsafe-no-flush"),
  TLS_PORT("tls-port"),
  TLS_CERTIFICATE("tls-certificate"),
  TLS_KEY("tls-key"),
  FEDERATION_CA("federation-ca"),
  FEDERATION_ADDRESSES("federation-addresses"),
  FEDERATION_REFUSED_ADDRESSES("federation-refused-addresses"),
  FEDERATION_ALLOW("federation-allow"),
  FEDERATION_DENY("federation-deny"),
  FEDERATION_NOTARIES("federation-notaries"),
  FEDERATION_DELEGATE("federation-delegate"),
  PRESENCE("presence"),
  ROLES("roles"),
  NODE("node"),
  KAFKA("kafka"),
  KAFKA_CONFIG("kafka-config"),
  CASSANDRA("cassandra"),
  CASSANDRA_CONFIG("cassandra-config"),
  STANDBYS("standbys"),
  VIEW_LAG("view-lag"),
  TENANTS("tenants"),
  MEDIA("media"),
  MANAGEMENT_PORT("management-port"),
  MANAGEMENT_BIND("management-bind"),
  DRAIN("drain"),
  TRACES("traces"),
  TRACES_RATIO("traces-ratio"),
  LOG_FORMAT("log-format"),
  CONFIG("config");

  private final String key;

  Setting(String key) {
    this.key = key;
  }

  String flag() {
    return "--" + key;
  }

  /** The key in {@code headrace.properties}. */
  String key() {
    return key;
  }

  String variable() {
    return "HEADRACE_" + name();
  }

  static Optional<Setting> ofKey(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }
}
