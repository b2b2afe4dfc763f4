package org.headrace.ingest;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.PresenceRecord;

/** Shows the presence that was published, at once; ingest asks for nothing else. */
final class FakeEphemeral implements EphemeralView {
  private final FakeCommandLog log;

  FakeEphemeral(FakeCommandLog log) {
    this.log = log;
  }

  @Override
  public Optional<PresenceRecord> presence(int accountPartition, UserId user) {
    return log.presence(user);
  }

  @Override
  public Position presenceReached(int accountPartition) {
    return Position.NONE;
  }

  @Override
  public List<PresenceRecord> presenceChanged(int accountPartition, Position after, Position upTo) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<PresenceRecord> presenceEnded(int accountPartition, long afterTs, long upToTs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Typing typing(RoomId room, long nowTs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Receipt> receipts(RoomId room, Position after, Position upTo) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Position typingReached(int roomPartition) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Position receiptsReached(int roomPartition) {
    throw new UnsupportedOperationException();
  }
}
