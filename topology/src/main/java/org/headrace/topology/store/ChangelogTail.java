package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** What recovery reads in a store's changelog, record by record. */
public final class ChangelogTail {
  private ChangelogTail() {}

  /** The progress that a changelog record says, or null if it is another record. */
  public static @Nullable Position progress(byte[] key, byte @Nullable [] value) {
    return value != null && Arrays.equals(key, StoreKeys.PROGRESS)
        ? StoreKeys.decodePosition(value)
        : null;
  }

  /** The position that first wrote this entry or cell version; NONE for other records. */
  public static Position writtenAt(byte[] key, byte @Nullable [] value) {
    if (StoreKeys.isCell(key)) {
      return new Position(StoreKeys.packedPosition(key));
    }
    if (StoreKeys.isEntry(key) && value != null) {
      return new Position(ByteBuffer.wrap(value).getLong());
    }
    return Position.NONE;
  }

  public static byte[] progressKey() {
    return StoreKeys.PROGRESS.clone();
  }

  public static byte[] progressValue(Position position) {
    return StoreKeys.encodePosition(position);
  }
}
