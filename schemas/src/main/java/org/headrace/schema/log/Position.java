package org.headrace.schema.log;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Where a record stands in its partition: (epoch, offset of its command, ordinal within the
 * command), packed as 8 + 44 + 11 bits (design D3). Monotonic in a partition, equal when a command
 * is decided again. Positions of the ephemeral topics are their own offsets with ordinal 0.
 */
public record Position(@JsonValue long packed) implements Comparable<Position> {
  public static final int ORDINALS_MAX = 1 << 11;
  public static final long OFFSETS_MAX = 1L << 44;
  public static final int EPOCHS_MAX = 1 << 8;

  /** Before every record. Readers start here. */
  public static final Position NONE = new Position(-1);

  @JsonCreator
  public Position {
    if (packed < -1) {
      throw new IllegalArgumentException("a position is not negative");
    }
  }

  public static Position of(int epoch, long offset, int ordinal) {
    if (epoch < 0 || epoch >= EPOCHS_MAX || offset < 0 || offset >= OFFSETS_MAX) {
      throw new IllegalArgumentException("no position at " + epoch + "/" + offset);
    }
    if (ordinal < 0 || ordinal >= ORDINALS_MAX) {
      throw new IllegalArgumentException("a command may yield " + ORDINALS_MAX + " records");
    }
    return new Position(((long) epoch << 55) | (offset << 11) | ordinal);
  }

  /** The position of the first record of the command at this offset, in epoch 0. */
  public static Position ofOffset(long offset) {
    return of(0, offset, 0);
  }

  public int epoch() {
    return (int) (packed >>> 55);
  }

  public long offset() {
    return (packed >>> 11) & (OFFSETS_MAX - 1);
  }

  public int ordinal() {
    return (int) (packed & (ORDINALS_MAX - 1));
  }

  /** The position of the same command's record with this ordinal. */
  public Position withOrdinal(int ordinal) {
    return of(epoch(), offset(), ordinal);
  }

  public boolean isAfter(Position other) {
    return packed > other.packed;
  }

  @Override
  public int compareTo(Position other) {
    return Long.compare(packed, other.packed);
  }

  @Override
  public String toString() {
    return packed < 0 ? "none" : epoch() + "/" + offset() + "." + ordinal();
  }
}
