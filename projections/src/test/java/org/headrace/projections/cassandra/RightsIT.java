package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.headrace.cassandra.CassandraNode;
import org.headrace.cassandra.NodeSettings;
import org.headrace.projections.cassandra.CassandraSettings.Consistency;
import org.headrace.projections.cassandra.CassandraSettings.Login;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views over TLS, as the role that {@code k8s/overlays/production} has for them. */
class RightsIT {
  private static final Path ROLE = Path.of("..", "k8s", "overlays", "production", "views-role.cql");
  private static final String PASSWORD = "of the store";
  private static final Login SUPERUSER = new Login("cassandra", "cassandra");
  private static final Login VIEWS = new Login("headrace", "of the role");

  @TempDir static Path folder;
  private static CassandraNode node;
  private static SSLContext authority;

  @BeforeAll
  static void start() throws Exception {
    Path store = certificate("cassandra");
    authority = trust(store);
    node =
        CassandraNode.start(
            NodeSettings.of(folder.resolve("node"), CassandraNode.freePort(), "127.0.0.1")
                .with(
                    """

                    authenticator: PasswordAuthenticator
                    authorizer: CassandraAuthorizer
                    role_manager: CassandraRoleManager
                    client_encryption_options:
                      enabled: true
                      optional: true
                      keystore: %s
                      keystore_password: %s
                    """
                        .formatted(store, PASSWORD)));
    String role =
        Files.readString(ROLE)
            .replace("'PASSWORD'", "'" + VIEWS.password() + "'")
            // The node is of no cluster: its datacenter has another name.
            .replace(
                "{'class': 'NetworkTopologyStrategy', 'dc1': 3}",
                "{'class': 'SimpleStrategy', 'replication_factor': 1}");
    try (CqlSession session = superuser()) {
      Migrations.statements(role).forEach(session::execute);
    }
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  /** The role that a new node makes a moment after it answers. */
  private static CqlSession superuser() {
    while (true) {
      try {
        return Sessions.forSchema(settings("headrace", SUPERUSER, Optional.of(authority)));
      } catch (AllNodesFailedException | AuthenticationException e) {
        if (!node.isAlive()) {
          throw e;
        }
      }
    }
  }

  private static CassandraSettings settings(
      String keyspace, Login login, Optional<SSLContext> tls) {
    InetSocketAddress address = node.address();
    return new CassandraSettings(
        List.of(address),
        "datacenter1",
        keyspace,
        Optional.of("{'class': 'SimpleStrategy', 'replication_factor': 1}"),
        Consistency.LOCAL_QUORUM,
        Consistency.LOCAL_QUORUM,
        Optional.of(login),
        tls);
  }

  private static Path certificate(String name) throws IOException, InterruptedException {
    Path store = folder.resolve(name + ".p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command =
        List.of(
            keytool.toString(),
            "-genkeypair",
            "-alias",
            name,
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "bc:c",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return store;
  }

  /** Trusts the certificates of a store, and no other. */
  private static SSLContext trust(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    String alias = keys.aliases().nextElement();
    authorities.setCertificateEntry(alias, keys.getCertificate(alias));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void theRoleMakesTheTablesReadsThemAndEmptiesThem() {
    CassandraSettings settings = settings("headrace", VIEWS, Optional.of(authority));
    try (CassandraViews views = CassandraViews.open(settings)) {
      assertThat(views.checkpoint(Topic.ROOM_LOG, 0).nextOffset()).isZero();
      views.drop(Topic.Family.ROOM);
    }
    try (CassandraViews again = CassandraViews.open(settings)) {
      assertThat(again.checkpoint(Topic.ROOM_LOG, 0).nextOffset()).isZero();
    }
  }

  @Test
  void theRoleHasNoRightsElsewhere() {
    try (CqlSession session =
        Sessions.forSchema(settings("headrace", VIEWS, Optional.of(authority)))) {
      for (String statement :
          List.of(
              "CREATE KEYSPACE other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
              "DROP KEYSPACE headrace",
              "ALTER KEYSPACE headrace WITH durable_writes = false AND replication = {'class': 'SimpleStrategy', 'replication_factor': 2}",
              "CREATE ROLE other WITH LOGIN = true AND PASSWORD = 'x'",
              "SELECT * FROM system_auth.roles")) {
        assertThatExceptionOfType(UnauthorizedException.class)
            .as(statement)
            .isThrownBy(() -> session.execute(statement));
      }
    }
  }

  @Test
  void whoTrustsAnotherAuthorityDoesNotSpeakToIt() throws Exception {
    SSLContext other = trust(certificate("other"));
    assertThatThrownBy(() -> Sessions.forSchema(settings("headrace", VIEWS, Optional.of(other))))
        .isInstanceOf(AllNodesFailedException.class);
  }
}
