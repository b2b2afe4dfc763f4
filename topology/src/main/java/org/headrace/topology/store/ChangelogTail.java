package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** What recovery reads and writes in a store and in its changelog, record by record. */
public final class ChangelogTail {
  private ChangelogTail() {}

  /**
   * The last record of a command's writes.
   *
   * @param position of the last command that was written completely; NONE before the first
   * @param lastPad offset of the last padding command that was decided; -1: none
   */
  public record Progress(Position position, long lastPad) {
    public static final Progress NONE = new Progress(Position.NONE, -1);
  }

  /**
   * The first record of a command's writes.
   *
   * @param position the highest of which anything may be in the store; never falls, so it tells
   *     what a store holds beyond its progress
   * @param floor commands at or before it can no longer be decided; NONE: all can
   */
  public record Begun(Position position, Position floor) {
    public static final Begun NONE = new Begun(Position.NONE, Position.NONE);

    /** Says that what follows is being rebuilt: until it is said otherwise, nothing counts. */
    public static final Begun NOTHING = new Begun(Position.NONE, new Position(Long.MAX_VALUE));
  }

  /** Null if it is another record. */
  public static @Nullable Progress progress(byte[] key, byte @Nullable [] value) {
    if (value == null || !Arrays.equals(key, StoreKeys.PROGRESS)) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(value);
    return new Progress(new Position(buffer.getLong()), buffer.getLong());
  }

  /** Null if it is another record. */
  public static @Nullable Begun begun(byte[] key, byte @Nullable [] value) {
    if (value == null || !Arrays.equals(key, StoreKeys.BEGUN)) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(value);
    return new Begun(new Position(buffer.getLong()), new Position(buffer.getLong()));
  }

  /** The position that first wrote this; NONE for {@link Progress} and {@link Begun}. */
  public static Position writtenAt(byte[] key, byte @Nullable [] value) {
    if (StoreKeys.isCell(key)) {
      return new Position(StoreKeys.packedPosition(key));
    }
    if (StoreKeys.isDeletion(key)) {
      return new Position(StoreKeys.deletedAt(key));
    }
    if (StoreKeys.isEntry(key) && value != null) {
      return new Position(ByteBuffer.wrap(value).getLong());
    }
    return Position.NONE;
  }

  public static byte[] progressKey() {
    return StoreKeys.PROGRESS.clone();
  }

  public static byte[] encode(Progress progress) {
    return longs(progress.position().packed(), progress.lastPad());
  }

  public static byte[] begunKey() {
    return StoreKeys.BEGUN.clone();
  }

  public static byte[] encode(Begun begun) {
    return longs(begun.position().packed(), begun.floor().packed());
  }

  private static byte[] longs(long first, long second) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(first).putLong(second).array();
  }
}
