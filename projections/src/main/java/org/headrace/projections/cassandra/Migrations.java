package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Brings the keyspace's tables to what this version needs. Each migration runs once, by one process
 * at a time, who holds a lock that falls open when it dies; each statement may run again, so a
 * migration that was interrupted is begun anew. What was applied is written down with its checksum.
 */
final class Migrations {
  /** In order; a name that was released is never changed or taken out. */
  static final List<String> NAMES =
      List.of("0001-views", "0002-uploads-and-signing-keys", "0003-presence");

  private static final String LOCK = "schema";
  private static final int LOCK_SECONDS = 120;
  private static final long RETRY_MILLIS = 200;
  private static final int USE_ATTEMPTS_MAX = 60 * 5;
  private static final int LOCK_ATTEMPTS_MAX = 5 * 60 * 5;

  private final CqlSession session;
  private final CassandraSettings settings;
  private final String owner = UUID.randomUUID().toString();

  private Migrations(CqlSession session, CassandraSettings settings) {
    this.session = session;
    this.settings = settings;
  }

  /**
   * @throws IllegalStateException the keyspace is absent, or of another version; says what to do
   */
  static void run(CqlSession session, CassandraSettings settings) {
    new Migrations(session, settings).run();
  }

  private void run() {
    makeKeyspace();
    useKeyspace();
    makeOwnTables();
    if (isCurrent()) {
      return;
    }
    lock();
    try {
      for (String name : NAMES) {
        if (!applied().containsKey(name)) {
          apply(name);
        }
      }
    } finally {
      unlock();
    }
  }

  private void makeKeyspace() {
    boolean exists =
        session
                .execute(
                    "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?",
                    settings.keyspace())
                .one()
            != null;
    if (exists) {
      return;
    }
    String replication =
        settings
            .replication()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "there is no keyspace "
                            + settings.keyspace()
                            + ": make it, or say how it is to be replicated"));
    session.execute(
        "CREATE KEYSPACE IF NOT EXISTS "
            + settings.keyspace()
            + " WITH replication = "
            + replication);
  }

  /** A keyspace that another process has just made is listed a moment before it can be used. */
  private void useKeyspace() {
    for (int i = 1; ; i++) {
      try {
        session.execute("USE " + settings.keyspace());
        return;
      } catch (InvalidQueryException e) {
        if (i == USE_ATTEMPTS_MAX) {
          throw e;
        }
        pause();
      }
    }
  }

  /** Their ids are fixed, so that two who make them at once make the same. */
  private void makeOwnTables() {
    session.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration"
            + " (name text PRIMARY KEY, checksum bigint, applied timestamp) WITH id = "
            + id("schema_migration"));
    session.execute(
        "CREATE TABLE IF NOT EXISTS schema_lock (name text PRIMARY KEY, owner text) WITH id = "
            + id("schema_lock"));
  }

  private UUID id(String table) {
    String name = settings.keyspace() + "." + table;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }

  private boolean isCurrent() {
    Map<String, Long> applied = applied();
    for (String name : applied.keySet()) {
      if (!NAMES.contains(name)) {
        throw new IllegalStateException(
            "the keyspace " + settings.keyspace() + " is of a newer version: it has " + name);
      }
    }
    for (String name : NAMES) {
      Long checksum = applied.get(name);
      if (checksum != null && checksum != checksum(text(name))) {
        throw new IllegalStateException(
            name + " is not what was applied to the keyspace " + settings.keyspace());
      }
    }
    return applied.size() == NAMES.size();
  }

  private Map<String, Long> applied() {
    Map<String, Long> applied = new TreeMap<>();
    for (Row row : session.execute(quorum("SELECT name, checksum FROM schema_migration"))) {
      applied.put(Cells.text(row, 0), row.getLong(1));
    }
    return applied;
  }

  private void apply(String name) {
    String text = text(name);
    for (String statement : statements(text)) {
      renew();
      session.execute(statement);
      if (!session.checkSchemaAgreement()) {
        throw new IllegalStateException("the nodes do not agree on the tables yet; start again");
      }
    }
    session.execute(
        quorum(
            "INSERT INTO schema_migration (name, checksum, applied)"
                + " VALUES (?, ?, toTimestamp(now()))",
            name,
            checksum(text)));
  }

  private void lock() {
    for (int i = 0; i < LOCK_ATTEMPTS_MAX; i++) {
      if (session
          .execute(
              quorum(
                  "INSERT INTO schema_lock (name, owner) VALUES (?, ?) IF NOT EXISTS USING TTL "
                      + LOCK_SECONDS,
                  LOCK,
                  owner))
          .wasApplied()) {
        return;
      }
      pause();
    }
    throw new IllegalStateException("another process has been making the tables for minutes");
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while another process makes the tables", e);
    }
  }

  private void renew() {
    if (!session
        .execute(
            quorum(
                "UPDATE schema_lock USING TTL "
                    + LOCK_SECONDS
                    + " SET owner = ? WHERE name = ? IF owner = ?",
                owner,
                LOCK,
                owner))
        .wasApplied()) {
      throw new IllegalStateException("another process makes the tables now; start again");
    }
  }

  private void unlock() {
    session.execute(quorum("DELETE FROM schema_lock WHERE name = ? IF owner = ?", LOCK, owner));
  }

  private static SimpleStatement quorum(String text, Object... values) {
    return SimpleStatement.newInstance(text, values)
        .setConsistencyLevel(ConsistencyLevel.QUORUM)
        .setSerialConsistencyLevel(ConsistencyLevel.SERIAL);
  }

  /** The statements of a migration; comments are lines of their own. */
  static List<String> statements(String text) {
    String code = String.join("\n", text.lines().filter(line -> !line.startsWith("--")).toList());
    return Arrays.stream(code.split(";", -1)).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  static String text(String name) {
    try (InputStream in = Migrations.class.getResourceAsStream(name + ".cql")) {
      if (in == null) {
        throw new IllegalStateException("no migration " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the statements: comments may change. */
  private static long checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(String.join(";", statements(text)).getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
