package org.headrace.standalone.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.headrace.projections.cassandra.CassandraSettings;
import org.headrace.projections.cassandra.CassandraSettings.Consistency;
import org.headrace.projections.cassandra.CassandraSettings.Login;
import org.jspecify.annotations.Nullable;

/** Where the views are, if they are in Cassandra. */
final class CassandraOptions {
  private static final String DATACENTER = "datacenter";
  private static final String KEYSPACE = "keyspace";
  private static final String REPLICATION = "replication";
  private static final String READS = "read-consistency";
  private static final String WRITES = "write-consistency";
  private static final String ROLE = "role";
  private static final String PASSWORD = "password";
  private static final String CA = "ca";
  private static final Set<String> KEYS =
      new TreeSet<>(List.of(DATACENTER, KEYSPACE, REPLICATION, READS, WRITES, ROLE, PASSWORD, CA));

  private CassandraOptions() {}

  static Optional<CassandraSettings> of(Map<Setting, String> given) throws StartException {
    String nodes = given.get(Setting.CASSANDRA);
    String file = given.get(Setting.CASSANDRA_CONFIG);
    if (nodes == null) {
      if (file != null) {
        throw new StartException(
            Setting.CASSANDRA_CONFIG.flag() + " needs " + Setting.CASSANDRA.flag());
      }
      return Optional.empty();
    }
    Map<String, String> more = file == null ? Map.of() : read(Path.of(file));
    try {
      return Optional.of(
          new CassandraSettings(
              contactPoints(nodes),
              more.getOrDefault(DATACENTER, "datacenter1"),
              more.getOrDefault(KEYSPACE, "headrace"),
              Optional.ofNullable(more.get(REPLICATION)),
              consistency(more, READS),
              consistency(more, WRITES),
              login(more),
              tls(more.get(CA))));
    } catch (IllegalArgumentException e) {
      throw new StartException(file + ": " + e.getMessage());
    }
  }

  private static List<InetSocketAddress> contactPoints(String nodes) throws StartException {
    List<InetSocketAddress> points = new ArrayList<>();
    for (String node : nodes.split(",", -1)) {
      HostPort parsed = HostPort.parse(Setting.CASSANDRA, node);
      points.add(new InetSocketAddress(parsed.host(), parsed.port()));
    }
    return points;
  }

  private static Map<String, String> read(Path path) throws StartException {
    Map<String, String> settings = MountedSettings.read(Setting.CASSANDRA_CONFIG, path);
    for (String key : settings.keySet()) {
      if (!KEYS.contains(key)) {
        throw new StartException(
            path + " has an unknown key: " + key + "; there are " + String.join(", ", KEYS));
      }
    }
    return settings;
  }

  private static Consistency consistency(Map<String, String> more, String key)
      throws StartException {
    String text = more.getOrDefault(key, Consistency.LOCAL_QUORUM.name());
    return Arrays.stream(Consistency.values())
        .filter(level -> level.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new StartException(
                    key + " is one of " + Arrays.toString(Consistency.values()) + ", not " + text));
  }

  private static Optional<Login> login(Map<String, String> more) throws StartException {
    String role = more.get(ROLE);
    String password = more.get(PASSWORD);
    if (role == null && password == null) {
      return Optional.empty();
    }
    if (role == null || password == null) {
      throw new StartException("Cassandra needs both " + ROLE + " and " + PASSWORD);
    }
    return Optional.of(new Login(role, password));
  }

  /** Trusts the authorities in this PEM file, and no other. */
  private static Optional<SSLContext> tls(@Nullable String file) throws StartException {
    if (file == null) {
      return Optional.empty();
    }
    try (InputStream pem = Files.newInputStream(Path.of(file))) {
      KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
      authorities.load(null, null);
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        authorities.setCertificateEntry("ca" + authorities.size(), authority);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return Optional.of(context);
    } catch (IOException | GeneralSecurityException e) {
      throw new StartException("cannot read the certificates in " + file);
    }
  }
}
