package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.rows.StateRows;
import org.headrace.projections.view.StateView.Change;
import org.headrace.projections.view.StateView.Entry;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * Rows of states in Cassandra. A whole state is read where each entry has its newest version; only
 * of those that have changed since the position that is asked for, older versions are looked up.
 */
final class CassandraStateRows implements StateRows {
  private static final String VERSION =
      "SELECT position, event FROM state_version"
          + " WHERE room = ? AND type = ? AND state_key = ? AND position <= ? LIMIT 1";
  private static final String ENTRIES =
      "SELECT type, state_key, position, event FROM state_entry WHERE room = ?";
  private static final String ENTRIES_OF_TYPE = ENTRIES + " AND type = ?";
  private static final String CHANGES =
      "SELECT position, type, state_key, event FROM state_change"
          + " WHERE room = ? AND bucket = ? AND position > ? AND position <= ?";
  private static final String BEFORE_ALL =
      "SELECT type, state_key, event FROM state_before WHERE room = ? AND before_event = ?";
  private static final String BEFORE = BEFORE_ALL + " AND type = ? AND state_key = ?";
  private static final String PAST =
      "SELECT event FROM state_past WHERE room = ? AND type = ? AND state_key = ?"
          + " AND place >= ? AND place <= ? LIMIT 1";
  private static final String PAST_KEYS =
      "SELECT type, state_key FROM state_past_key WHERE room = ?";
  private static final String GAP_AT =
      "SELECT gap FROM gap_at WHERE room = ? AND ceiling >= ? LIMIT 1";
  private static final String GAP_TOP =
      "SELECT ceiling FROM gap_ceiling WHERE room = ? AND gap = ? LIMIT 1";

  private final Cql cql;

  CassandraStateRows(Cql cql) {
    this.cql = cql;
  }

  @Override
  public Optional<Version> version(RoomId room, StateKey key, Position at) {
    return cql.one(VERSION, room.value(), key.type(), key.stateKey(), at.packed())
        .map(CassandraStateRows::version);
  }

  private static Version version(Row row) {
    return new Version(Cells.position(row, "position"), Cells.event(row, "event"));
  }

  @Override
  public List<Entry> entries(RoomId room, @Nullable String type, Position at) {
    Iterable<Row> newest =
        type == null
            ? cql.rows(ENTRIES, room.value())
            : cql.rows(ENTRIES_OF_TYPE, room.value(), type);
    Map<StateKey, Optional<EventId>> found = new LinkedHashMap<>();
    List<StateKey> changed = new ArrayList<>();
    List<Object[]> wanted = new ArrayList<>();
    for (Row row : newest) {
      StateKey key = new StateKey(Cells.text(row, 0), Cells.text(row, 1));
      found.put(key, Optional.ofNullable(Cells.event(row, "event")));
      if (Cells.position(row, "position").isAfter(at)) {
        changed.add(key);
        wanted.add(new Object[] {room.value(), key.type(), key.stateKey(), at.packed()});
      }
    }
    List<Optional<Row>> versions = cql.each(VERSION, wanted);
    for (int i = 0; i < changed.size(); i++) {
      found.put(
          changed.get(i), versions.get(i).map(CassandraStateRows::version).map(Version::event));
    }
    List<Entry> entries = new ArrayList<>();
    found.forEach((key, event) -> event.ifPresent(id -> entries.add(new Entry(key, id))));
    return entries;
  }

  @Override
  public List<Change> changes(RoomId room, Position after, Position upTo) {
    return Buckets.STATE.read(
        cql,
        room,
        after.packed() + 1,
        upTo.packed(),
        Integer.MAX_VALUE,
        false,
        (bucket, most) -> {
          List<Change> changes = new ArrayList<>();
          for (Row row : cql.rows(CHANGES, room.value(), bucket, after.packed(), upTo.packed())) {
            changes.add(
                new Change(
                    Cells.position(row, "position"),
                    new StateKey(Cells.text(row, 1), Cells.text(row, 2)),
                    Optional.ofNullable(Cells.event(row, "event"))));
          }
          return changes;
        });
  }

  @Override
  public Optional<Told> before(RoomId room, EventId event, StateKey key) {
    return cql.one(BEFORE, room.value(), event.value(), key.type(), key.stateKey())
        .map(CassandraStateRows::told);
  }

  private static Told told(Row row) {
    return new Told(Cells.event(row, "event"));
  }

  @Override
  public Map<StateKey, Told> before(RoomId room, EventId event) {
    Map<StateKey, Told> told = new LinkedHashMap<>();
    for (Row row : cql.rows(BEFORE_ALL, room.value(), event.value())) {
      told.put(new StateKey(Cells.text(row, 0), Cells.text(row, 1)), told(row));
    }
    return told;
  }

  @Override
  public Optional<Told> past(RoomId room, StateKey key, long place, long top) {
    return cql.one(PAST, room.value(), key.type(), key.stateKey(), place, top)
        .map(CassandraStateRows::told);
  }

  @Override
  public Map<StateKey, Told> past(RoomId room, long place, long top) {
    List<StateKey> keys = new ArrayList<>();
    List<Object[]> wanted = new ArrayList<>();
    for (Row row : cql.rows(PAST_KEYS, room.value())) {
      StateKey key = new StateKey(Cells.text(row, 0), Cells.text(row, 1));
      keys.add(key);
      wanted.add(new Object[] {room.value(), key.type(), key.stateKey(), place, top});
    }
    List<Optional<Row>> rows = cql.each(PAST, wanted);
    Map<StateKey, Told> told = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      StateKey key = keys.get(i);
      rows.get(i).ifPresent(row -> told.put(key, told(row)));
    }
    return told;
  }

  @Override
  public long gapTop(RoomId room, long place) {
    return cql.one(GAP_AT, room.value(), place)
        .flatMap(row -> cql.one(GAP_TOP, room.value(), Cells.text(row, 0)))
        .map(row -> row.getLong(0))
        .orElse(place);
  }
}
