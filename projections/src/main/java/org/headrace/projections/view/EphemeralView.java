package org.headrace.projections.view;

import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.ReceiptRecord;

/** Typing and receipts; positions are offsets of their topics (ordinal 0). */
public interface EphemeralView {
  /**
   * Who types at {@code nowTs} (milliseconds since 1970), and when that last changed, expiries
   * aside.
   */
  record Typing(List<UserId> users, Position changed) {}

  /** A receipt at its position. */
  record Receipt(Position position, ReceiptRecord receipt) {}

  Typing typing(RoomId room, long nowTs);

  /** Newest receipt of each (user, type, thread) with {@code after < position <= upTo}. */
  List<Receipt> receipts(RoomId room, Position after, Position upTo);

  Position typingReached(int roomPartition);

  Position receiptsReached(int roomPartition);
}
