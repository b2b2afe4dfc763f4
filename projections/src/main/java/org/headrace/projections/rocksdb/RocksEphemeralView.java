package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.rows.PresenceBoard;
import org.headrace.projections.rows.Reached;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.PresenceRecord;

/** Typing and presence from memory, receipts from rows. */
final class RocksEphemeralView implements EphemeralView {
  private final Rows rows;
  private final TypingBoard typing;
  private final PresenceBoard presence;
  private final Reached reached;

  RocksEphemeralView(Rows rows, TypingBoard typing, PresenceBoard presence, Reached reached) {
    this.rows = rows;
    this.typing = typing;
    this.presence = presence;
    this.reached = reached;
  }

  @Override
  public Typing typing(RoomId room, long nowTs) {
    return typing.typing(room, nowTs);
  }

  @Override
  public List<Receipt> receipts(RoomId room, Position after, Position upTo) {
    List<Receipt> receipts = new ArrayList<>();
    if (after.isAfter(upTo)) {
      return receipts;
    }
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.RECEIPT_AT).text(room.value()).number(after.packed() + 1).bytes(),
            RowKey.of(Table.RECEIPT_AT).text(room.value()).number(upTo.packed() + 1).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        receipts.add(LogJson.decode(cursor.value(), Receipt.class));
      }
    }
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
    return presence.presence(accountPartition, user);
  }

  @Override
  public List<PresenceRecord> presenceChanged(int accountPartition, Position after, Position upTo) {
    return presence.changed(accountPartition, after, upTo);
  }

  @Override
  public List<PresenceRecord> presenceEnded(int accountPartition, long afterTs, long upToTs) {
    return presence.ended(accountPartition, afterTs, upToTs);
  }

  @Override
  public Position presenceReached(int accountPartition) {
    return reached.of(Topic.PRESENCE, accountPartition);
  }
}
