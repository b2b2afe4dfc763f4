package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One version of a cell.
 *
 * @param position that wrote it, packed
 * @param ts of its command
 * @param writes of the cell since it was last pruned
 * @param value null if it was deleted
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Version(long position, long ts, int writes, byte @Nullable [] value) {
  static final Version ABSENT = new Version(-1, 0, 0, null);

  private static final byte PRESENT = 1;
  private static final int HEADER_BYTES = 1 + Long.BYTES + Integer.BYTES;

  static Version decode(byte[] key, byte[] stored) {
    ByteBuffer buffer = ByteBuffer.wrap(stored);
    byte flags = buffer.get();
    long ts = buffer.getLong();
    int writes = buffer.getInt();
    byte[] value =
        (flags & PRESENT) == 0 ? null : Arrays.copyOfRange(stored, HEADER_BYTES, stored.length);
    return new Version(StoreKeys.packedPosition(key), ts, writes, value);
  }

  byte[] encode() {
    byte[] content = value == null ? new byte[0] : value;
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .put(value == null ? 0 : PRESENT)
        .putLong(ts)
        .putInt(writes)
        .put(content)
        .array();
  }
}
