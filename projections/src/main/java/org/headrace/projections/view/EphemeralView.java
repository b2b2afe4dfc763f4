package org.headrace.projections.view;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;

/** Typing, receipts and presence; positions are offsets of their topics (ordinal 0). */
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

  /**
   * What was last said of a user; whether it still holds, its reader judges. What the views reached
   * before the last call of {@link #presenceReached} is there, here and below.
   *
   * @param accountPartition the user's
   */
  Optional<PresenceRecord> presence(int accountPartition, UserId user);

  /** The users whose presence changed, renewals aside, with {@code after < position <= upTo}. */
  List<PresenceRecord> presenceChanged(int accountPartition, Position after, Position upTo);

  /** The users whose presence ended with {@code afterTs < untilTs <= upToTs}, as it was. */
  List<PresenceRecord> presenceEnded(int accountPartition, long afterTs, long upToTs);

  Position presenceReached(int accountPartition);
}
