package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.headrace.cassandra.CassandraNode;
import org.headrace.cassandra.NodeSettings;
import org.headrace.projections.view.OpenViews;
import org.headrace.schema.log.Topic;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.cassandra.CassandraContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * One Cassandra for all tests of this JVM: a container where an engine is found, else a child
 * process; or the one at {@code -Dheadrace.cassandra=HOST:PORT} (datacenter {@code datacenter1}).
 */
public final class CassandraUnderTest {
  private static final String GIVEN = System.getProperty("headrace.cassandra", "");
  private static final DockerImageName IMAGE = DockerImageName.parse("cassandra:5.0");
  private static final String REPLICATION = "{'class': 'SimpleStrategy', 'replication_factor': 1}";

  /** Opened by the first test that wants it. */
  private static final class Shared {
    static final InetSocketAddress ADDRESS = address();
    static final CassandraViews VIEWS = open("headrace_contract");
  }

  private CassandraUnderTest() {}

  /** Views in a keyspace that all callers share, without rows. */
  public static OpenViews emptyViews() {
    CassandraViews views = Shared.VIEWS;
    clear(views);
    return new OpenViews(views, views);
  }

  static CassandraViews views() {
    return Shared.VIEWS;
  }

  static CassandraSettings settings(String keyspace) {
    return CassandraSettings.of(List.of(Shared.ADDRESS), "datacenter1", keyspace)
        .withReplication(REPLICATION);
  }

  /** Empties all tables, also of what was shown, and of what deletions leave. */
  static void clear(CassandraViews views) {
    List<String> tables = new ArrayList<>(List.of("shown"));
    for (Topic.Family family : Topic.Family.values()) {
      tables.addAll(CassandraViews.tables(family));
    }
    views.cql().truncate(tables);
    views.forget();
  }

  /** A keyspace without a commit log: emptying its tables then flushes nothing. */
  private static CassandraViews open(String keyspace) {
    CassandraSettings settings = settings(keyspace);
    try (CqlSession session = Sessions.forSchema(settings)) {
      session.execute(
          "CREATE KEYSPACE IF NOT EXISTS "
              + keyspace
              + " WITH replication = "
              + REPLICATION
              + " AND durable_writes = false");
    }
    return CassandraViews.open(settings);
  }

  private static InetSocketAddress address() {
    if (!GIVEN.isEmpty()) {
      int colon = GIVEN.lastIndexOf(':');
      return new InetSocketAddress(
          GIVEN.substring(0, colon), Integer.parseInt(GIVEN.substring(colon + 1)));
    }
    return hasEngine() ? container() : childProcess();
  }

  private static boolean hasEngine() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  /** Whoever watches over containers for Testcontainers removes it after this JVM has ended. */
  private static InetSocketAddress container() {
    CassandraContainer container = new CassandraContainer(IMAGE);
    container.start();
    return container.getContactPoint();
  }

  private static InetSocketAddress childProcess() {
    try {
      Path folder = Files.createTempDirectory("cassandra");
      NodeSettings settings = NodeSettings.of(folder, CassandraNode.freePort(), "127.0.0.1");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return CassandraNode.start(settings).address();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // The node may still be writing; what is left is in the temporary folder.
    }
  }
}
