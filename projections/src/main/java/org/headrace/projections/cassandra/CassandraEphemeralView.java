package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.rows.PresenceBoard;
import org.headrace.projections.rows.Reached;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.PresenceRecord;

/**
 * Typing and receipts from Cassandra. Of presence, what came since the last look is read into
 * memory, where it is looked for.
 */
final class CassandraEphemeralView implements EphemeralView {
  private static final String TYPING = "SELECT user, until_ts, position FROM typing WHERE room = ?";
  private static final String RECEIPTS =
      "SELECT receipt FROM receipt WHERE room = ? AND position > ? AND position <= ?";

  private static final String PRESENCE =
      "SELECT position, changed, record FROM presence"
          + " WHERE part = ? AND position > ? AND position <= ?";

  /** How old what was read of presence may be where no position is asked for. */
  private static final long PRESENCE_AGE_NANOS = 50_000_000;

  private final Cql cql;
  private final Reached reached;
  private final PresenceBoard presence = new PresenceBoard();

  private final Map<Integer, Loaded> loaded = new ConcurrentHashMap<>();

  /** How far presence of a partition was read, and when; its own lock. */
  private static final class Loaded {
    Position upTo = Position.NONE;
    OptionalLong nanos = OptionalLong.empty();
  }

  CassandraEphemeralView(Cql cql, Reached reached) {
    this.cql = cql;
    this.reached = reached;
  }

  @Override
  public Typing typing(RoomId room, long nowTs) {
    List<UserId> users = new ArrayList<>();
    Position changed = Position.NONE;
    for (Row row : cql.rows(TYPING, room.value())) {
      if (row.getLong("until_ts") > nowTs) {
        users.add(new UserId(Cells.text(row, 0)));
      }
      Position position = Cells.position(row, "position");
      changed = position.isAfter(changed) ? position : changed;
    }
    return new Typing(users, changed);
  }

  @Override
  public List<Receipt> receipts(RoomId room, Position after, Position upTo) {
    List<Receipt> receipts = new ArrayList<>();
    if (after.isAfter(upTo)) {
      return receipts;
    }
    for (Row row : cql.rows(RECEIPTS, room.value(), after.packed(), upTo.packed())) {
      Cells.json(row, "receipt", Receipt.class).ifPresent(receipts::add);
    }
    receipts.sort(Comparator.comparing(Receipt::position));
    return receipts;
  }

  @Override
  public Position typingReached(int roomPartition) {
    return reached.of(Topic.TYPING, roomPartition);
  }

  @Override
  public Position receiptsReached(int roomPartition) {
    return reached.of(Topic.RECEIPTS, roomPartition);
  }

  @Override
  public Optional<PresenceRecord> presence(int accountPartition, UserId user) {
    refresh(accountPartition, PRESENCE_AGE_NANOS);
    return presence.presence(accountPartition, user);
  }

  @Override
  public List<PresenceRecord> presenceChanged(int accountPartition, Position after, Position upTo) {
    refresh(accountPartition, PRESENCE_AGE_NANOS);
    return presence.changed(accountPartition, after, upTo);
  }

  @Override
  public List<PresenceRecord> presenceEnded(int accountPartition, long afterTs, long upToTs) {
    refresh(accountPartition, PRESENCE_AGE_NANOS);
    return presence.ended(accountPartition, afterTs, upToTs);
  }

  @Override
  public Position presenceReached(int accountPartition) {
    return refresh(accountPartition, 0);
  }

  /** Reads what came since, unless that was done just now; returns how far presence was read. */
  private Position refresh(int partition, long ageNanosMax) {
    Loaded part = loaded.computeIfAbsent(partition, p -> new Loaded());
    synchronized (part) {
      long now = System.nanoTime();
      boolean fresh = part.nanos.isPresent() && now - part.nanos.getAsLong() < ageNanosMax;
      if (!fresh) {
        Position upTo = reached.of(Topic.PRESENCE, partition);
        if (upTo.isAfter(part.upTo)) {
          for (Row row : cql.rows(PRESENCE, partition, part.upTo.packed(), upTo.packed())) {
            put(partition, part.upTo, row);
          }
        }
        part.upTo = upTo;
        part.nanos = OptionalLong.of(now);
      }
      return part.upTo;
    }
  }

  private void put(int partition, Position told, Row row) {
    Cells.json(row, "record", PresenceRecord.class)
        .ifPresent(
            record ->
                presence.put(
                    partition,
                    Cells.position(row, "position"),
                    Cells.position(row, "changed"),
                    told,
                    record));
  }

  /** The table was emptied. */
  void forget() {
    loaded.forEach(
        (partition, part) -> {
          synchronized (part) {
            presence.clear(partition);
            part.upTo = Position.NONE;
            part.nanos = OptionalLong.empty();
          }
        });
  }
}
