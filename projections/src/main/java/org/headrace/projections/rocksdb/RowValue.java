package org.headrace.projections.rocksdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.schema.log.Position;

/** The values that are not JSON: texts, positions, checkpoints. */
final class RowValue {
  static final byte[] EMPTY = {};

  private static final int CHECKPOINT_BYTES = 2 * Long.BYTES + Integer.BYTES;

  private RowValue() {}

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  static byte[] position(Position position) {
    return ByteBuffer.allocate(Long.BYTES).putLong(position.packed()).array();
  }

  static Position position(byte[] value) {
    return new Position(ByteBuffer.wrap(value).getLong());
  }

  static byte[] checkpoint(Checkpoint checkpoint) {
    return ByteBuffer.allocate(CHECKPOINT_BYTES)
        .putLong(checkpoint.reached().packed())
        .putLong(checkpoint.nextOffset())
        .putInt(checkpoint.lastChecksum())
        .array();
  }

  static Checkpoint checkpoint(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    return new Checkpoint(new Position(buffer.getLong()), buffer.getLong(), buffer.getInt());
  }
}
