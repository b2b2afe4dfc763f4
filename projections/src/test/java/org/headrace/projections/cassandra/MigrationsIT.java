package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.CqlSession;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.Test;

class MigrationsIT {
  private static final int MEETINGS = 2;

  /** Each makes the keyspace, or finds it while another makes it. */
  @Test
  void startersMeetOnAKeyspaceThatIsNotThere() throws Exception {
    for (int i = 0; i < MEETINGS; i++) {
      CassandraSettings settings = CassandraUnderTest.settings("headrace_met_" + i);
      try (CqlSession session = Sessions.forSchema(settings)) {
        session.execute("DROP KEYSPACE IF EXISTS " + settings.keyspace());
        start(settings, 4);
        assertThat(tables(session, settings.keyspace())).isEqualTo(expected());
        session.execute("DROP KEYSPACE " + settings.keyspace());
      }
    }
  }

  /** An interrupted start left some tables and no word of it; then two start at once. */
  @Test
  void twoStartersGoOnWhereOneWasInterrupted() throws Exception {
    CassandraSettings settings = CassandraUnderTest.settings("headrace_migrations");
    try (CqlSession session = Sessions.forSchema(settings)) {
      session.execute(
          "CREATE KEYSPACE IF NOT EXISTS headrace_migrations WITH replication = "
              + settings.replication().orElseThrow());
      session.execute("USE headrace_migrations");
      for (String statement : Migrations.statements(Migrations.text("0001-views")).subList(0, 2)) {
        session.execute(statement);
      }
      start(settings, 2);
      assertThat(tables(session, settings.keyspace())).isEqualTo(expected());
      assertThat(session.execute("SELECT name FROM schema_migration").all())
          .extracting(row -> row.getString(0))
          .containsExactlyInAnyOrderElementsOf(Migrations.NAMES);
      assertThat(session.execute("SELECT owner FROM schema_lock").all()).isEmpty();
      session.execute("INSERT INTO schema_migration (name, checksum) VALUES ('9999-later', 1)");
      assertThatThrownBy(() -> start(settings, 1)).rootCause().hasMessageContaining("newer");
      session.execute("DELETE FROM schema_migration WHERE name = '9999-later'");
      session.execute(
          "UPDATE schema_migration SET checksum = 1 WHERE name = '"
              + Migrations.NAMES.get(0)
              + "'");
      assertThatThrownBy(() -> start(settings, 1))
          .rootCause()
          .hasMessageContaining("is not what was applied");
    }
  }

  private static void start(CassandraSettings settings, int starters) throws Exception {
    Callable<Void> start =
        () -> {
          try (CqlSession session = Sessions.forSchema(settings)) {
            Migrations.run(session, settings);
          }
          return null;
        };
    try (var threads = Executors.newFixedThreadPool(starters)) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < starters; i++) {
        running.add(threads.submit(start));
      }
      for (var one : running) {
        one.get();
      }
    }
  }

  private static SortedSet<String> tables(CqlSession session, String keyspace) {
    SortedSet<String> tables = new TreeSet<>();
    session
        .execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", keyspace)
        .forEach(row -> tables.add(row.getString(0)));
    return tables;
  }

  private static SortedSet<String> expected() {
    SortedSet<String> tables = new TreeSet<>(List.of("schema_migration", "schema_lock", "shown"));
    for (Topic.Family family : Topic.Family.values()) {
      tables.addAll(CassandraViews.tables(family));
    }
    return tables;
  }
}
