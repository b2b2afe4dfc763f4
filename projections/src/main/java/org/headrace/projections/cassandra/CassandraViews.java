package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.projections.rows.RowsRoomsView;
import org.headrace.projections.rows.RowsStateView;
import org.headrace.projections.rows.RowsTimelineView;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.projections.view.ViewPorts;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.log.Topic;

/**
 * The views of a deployment in Cassandra: any number of processes read them, and of those that
 * write, each has partitions of its own. Rows come first and in any order, positions once all rows
 * are there, so what is read at a position that was reached is whole; what is newer may be there in
 * part. Whoever writes again what was written before, or wakes up after another went on in its
 * place, changes nothing.
 */
public final class CassandraViews implements ViewWriter, ViewPorts {
  private static final int KNOWN_BUCKETS_MAX = 100_000;

  private static final List<String> ROOM_TABLES =
      List.of(
          "room",
          "event",
          "body",
          "room_of_event",
          "bucket",
          "timeline",
          "at_time",
          "device_change",
          "state_entry",
          "state_version",
          "state_change",
          "state_before",
          "state_past",
          "state_past_key",
          "gap",
          "gap_ceiling",
          "gap_at",
          "member_of_room",
          "room_of_user",
          "noted_member",
          "held",
          "joined_of_server",
          "user_of_server",
          "receipt",
          "typing",
          "room_checkpoint");
  private static final List<String> ACCOUNT_TABLES =
      List.of(
          "account",
          "access_token",
          "device",
          "profile",
          "filter",
          "alias",
          "alias_of_room",
          "account_data",
          "to_device",
          "listed",
          "media",
          "media_of_user",
          "signing_key",
          "key_signature",
          "presence",
          "account_checkpoint");
  private static final String BODY = "SELECT record_key FROM body WHERE record_key = ?";

  private final Cql cql;
  private final Checkpoints checkpoints;
  private final CassandraEventRows events;
  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final AccountsView accounts;
  private final CassandraEphemeralView ephemeral;

  /** Buckets that are in their table; the eldest are forgotten, and said again. */
  private final Set<RowWrites.Bucket> known =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<RowWrites.Bucket, Boolean> eldest) {
                  return size() > KNOWN_BUCKETS_MAX;
                }
              }));

  private CassandraViews(Cql cql) {
    this.cql = cql;
    checkpoints = new Checkpoints(cql);
    events = new CassandraEventRows(cql);
    timeline = new RowsTimelineView(events);
    RowsStateView states = new RowsStateView(new CassandraStateRows(cql), events);
    rooms = new RowsRoomsView(new CassandraRoomRows(cql), states, checkpoints::reached);
    state = states;
    accounts = new CassandraAccountsView(cql, checkpoints::reached);
    ephemeral = new CassandraEphemeralView(cql, checkpoints::reached);
  }

  /**
   * Connects, and brings the tables to what this version needs.
   *
   * @throws ViewsUnavailableException Cassandra does not answer
   * @throws IllegalStateException the keyspace is absent or of another version; says what to do
   */
  public static CassandraViews open(CassandraSettings settings) {
    try {
      try (CqlSession session = Sessions.forSchema(settings)) {
        Migrations.run(session, settings);
      }
      return new CassandraViews(new Cql(Sessions.forViews(settings), settings));
    } catch (DriverException e) {
      throw new ViewsUnavailableException(
          "the views in Cassandra at " + settings.contactPoints() + " cannot be opened: " + e, e);
    }
  }

  @Override
  public RoomsView rooms() {
    return rooms;
  }

  @Override
  public StateView state() {
    return state;
  }

  @Override
  public TimelineView timeline() {
    return timeline;
  }

  @Override
  public AccountsView accounts() {
    return accounts;
  }

  @Override
  public EphemeralView ephemeral() {
    return ephemeral;
  }

  @Override
  public void write(ViewBatch batch) {
    RowWrites rows = new RowWrites(batch.rows(), events, known);
    cql.write(rows.writes());
    known.addAll(rows.buckets());
    cql.write(rows.last());
    checkpoints.write(batch.checkpoints());
  }

  @Override
  public Checkpoint checkpoint(Topic topic, int partition) {
    return checkpoints.of(topic, partition);
  }

  @Override
  public Checkpoint shown(Topic topic, int partition) {
    return checkpoints.shown(topic, partition);
  }

  @Override
  public boolean hasBody(String recordKey) {
    return cql.one(BODY, recordKey).isPresent();
  }

  /**
   * Drops all rows and checkpoints of a family, whoever wrote them. No other process may write
   * meanwhile, and all replicas must be there.
   */
  @Override
  public void drop(Topic.Family family) {
    checkpoints.keepShown(family);
    cql.truncate(tables(family));
    forget();
  }

  /** What is kept of tables, which were emptied. */
  void forget() {
    known.clear();
    ephemeral.forget();
  }

  /** The tables with what is folded from a family's topics. */
  static List<String> tables(Topic.Family family) {
    return family == Topic.Family.ROOM ? ROOM_TABLES : ACCOUNT_TABLES;
  }

  Cql cql() {
    return cql;
  }

  @Override
  public void close() {
    cql.close();
  }
}
