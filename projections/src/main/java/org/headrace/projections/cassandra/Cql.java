package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BatchableStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.cql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.headrace.projections.view.ViewsUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A session: prepares each statement once, reads and writes at the consistency that was set. All
 * statements may be repeated, so the driver tries again and on other nodes. Safe for many threads.
 */
final class Cql implements AutoCloseable {
  /** Reads that one caller has under way. */
  private static final int READS_MAX = 64;

  /** Writes that this process has under way. */
  private static final int WRITES_MAX = 128;

  private static final Duration TRUNCATE_MAX = Duration.ofMinutes(2);

  private final CqlSession session;
  private final ConsistencyLevel reads;
  private final ConsistencyLevel writes;
  private final Map<String, PreparedStatement> prepared = new ConcurrentHashMap<>();
  private final Semaphore writing = new Semaphore(WRITES_MAX);
  private final ReadGate gate = new ReadGate(System::nanoTime);

  Cql(CqlSession session, CassandraSettings settings) {
    this.session = session;
    this.reads = DefaultConsistencyLevel.valueOf(settings.reads().name());
    this.writes = DefaultConsistencyLevel.valueOf(settings.writes().name());
  }

  /** The only row, or the first. */
  Optional<Row> one(String text, Object... values) {
    return Optional.ofNullable(read(text, values).one());
  }

  /** All rows; further pages are fetched while they are iterated over. */
  Iterable<Row> rows(String text, Object... values) {
    ResultSet rows = read(text, values);
    return () ->
        new java.util.Iterator<>() {
          private final java.util.Iterator<Row> iterator = rows.iterator();

          @Override
          public boolean hasNext() {
            try {
              return iterator.hasNext();
            } catch (DriverException e) {
              throw unavailable(e);
            }
          }

          @Override
          public Row next() {
            return iterator.next();
          }
        };
  }

  /** The first row for each of these values, in their order; asks for many at a time. */
  List<Optional<Row>> each(String text, List<Object[]> values) {
    List<Optional<Row>> rows = new ArrayList<>(values.size());
    for (int from = 0; from < values.size(); from += READS_MAX) {
      List<Object[]> some = values.subList(from, Math.min(values.size(), from + READS_MAX));
      rows.addAll(gate.read(() -> some(text, some)));
    }
    return rows;
  }

  private List<Optional<Row>> some(String text, List<Object[]> values) {
    List<CompletableFuture<AsyncResultSet>> asked = new ArrayList<>();
    for (Object[] each : values) {
      asked.add(session.executeAsync(bind(text, each)).toCompletableFuture());
    }
    return asked.stream().map(answer -> Optional.ofNullable(join(answer).one())).toList();
  }

  private ResultSet read(String text, Object... values) {
    return gate.read(() -> execute(bind(text, values)));
  }

  private BoundStatement bind(String text, Object... values) {
    return statement(text).bind(values).setConsistencyLevel(reads).setIdempotent(true);
  }

  private PreparedStatement statement(String text) {
    PreparedStatement known = prepared.get(text);
    if (known == null) {
      try {
        known = session.prepare(text);
      } catch (DriverException e) {
        throw unavailable(e);
      }
      prepared.put(text, known);
    }
    return known;
  }

  private ResultSet execute(Statement<?> statement) {
    try {
      return session.execute(statement);
    } catch (DriverException e) {
      throw unavailable(e);
    }
  }

  /** Returns once all are there. Some may be there when this fails. */
  void write(WriteSet set) {
    List<CompletableFuture<AsyncResultSet>> sent = new ArrayList<>();
    for (List<WriteSet.Write> group : set.groups()) {
      Statement<?> statement = statement(group);
      writing.acquireUninterruptibly();
      CompletableFuture<AsyncResultSet> answer;
      try {
        answer = session.executeAsync(statement).toCompletableFuture();
      } catch (RuntimeException e) {
        writing.release();
        throw e;
      }
      sent.add(answer);
      answer.whenComplete((done, failed) -> writing.release());
    }
    RuntimeException failure = null;
    for (var answer : sent) {
      try {
        join(answer);
      } catch (ViewsUnavailableException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Statement<?> statement(List<WriteSet.Write> group) {
    List<BatchableStatement<?>> statements = new ArrayList<>();
    for (WriteSet.Write write : group) {
      statements.add(statement(write.statement()).bind(write.values().toArray()));
    }
    Statement<?> statement =
        statements.size() == 1
            ? (BoundStatement) statements.getFirst()
            : BatchStatement.newInstance(BatchType.UNLOGGED, statements);
    return statement.setConsistencyLevel(writes).setIdempotent(true);
  }

  /** Empties tables; all replicas must be there. */
  void truncate(List<String> tables) {
    List<CompletableFuture<AsyncResultSet>> sent = new ArrayList<>();
    for (String table : tables) {
      sent.add(
          session
              .executeAsync(
                  SimpleStatement.newInstance("TRUNCATE " + table).setTimeout(TRUNCATE_MAX))
              .toCompletableFuture());
    }
    sent.forEach(Cql::join);
  }

  private static AsyncResultSet join(CompletableFuture<AsyncResultSet> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw unavailable(e.getCause());
    }
  }

  private static ViewsUnavailableException unavailable(@Nullable Throwable e) {
    return new ViewsUnavailableException("Cassandra does not answer: " + e, e);
  }

  @Override
  public void close() {
    session.close();
  }
}
