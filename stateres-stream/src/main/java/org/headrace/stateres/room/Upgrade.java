package org.headrace.stateres.room;

import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.UpgradeStep;
import org.jspecify.annotations.Nullable;

/** The last upgrade of a room by a user of ours; as {@link RoomRecord.UpgradeChanged}. */
record Upgrade(
    String upgradeId,
    UserId user,
    String toVersion,
    RoomId replacement,
    UpgradeStep step,
    long ts,
    @Nullable EventId tombstone) {
  /** One whose new room reports nothing for so long may be begun anew. */
  static final long ABANDONED_MILLIS = 10 * 60 * 1000;

  static Upgrade of(RoomRecord.UpgradeChanged record) {
    return new Upgrade(
        record.upgradeId(),
        record.user(),
        record.toVersion(),
        record.replacement(),
        record.step(),
        record.ts(),
        record.tombstone());
  }

  boolean isRunning(long now) {
    return step == UpgradeStep.BEGUN && now - ts < ABANDONED_MILLIS;
  }

  /** Whether this user is asking for the same again. */
  boolean isSame(UserId other, String version) {
    return user.equals(other) && toVersion.equals(version);
  }
}
