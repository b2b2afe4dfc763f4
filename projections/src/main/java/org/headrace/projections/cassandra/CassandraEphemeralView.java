package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.rows.Reached;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/** Typing and receipts from Cassandra. */
final class CassandraEphemeralView implements EphemeralView {
  private static final String TYPING = "SELECT user, until_ts, position FROM typing WHERE room = ?";
  private static final String RECEIPTS =
      "SELECT receipt FROM receipt WHERE room = ? AND position > ? AND position <= ?";

  private final Cql cql;
  private final Reached reached;

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
}
