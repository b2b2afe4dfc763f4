package org.headrace.topology.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The store's keys. {@code e<key>} is an entry; {@code c<key> 00 <position>} a version of a cell;
 * {@code d<position><key>} a deletion of a cell, in the queue of those to be collected; {@code b}
 * and {@code m} frame the writes of a command. NUL and 01 inside a key are escaped, so that
 * versions of one cell are contiguous and cells sort by key.
 */
final class StoreKeys {
  static final byte ENTRY = 'e';
  static final byte CELL = 'c';

  static final byte DELETION = 'd';

  /** Holds {@link ChangelogTail.Begun}: a command's first write. */
  static final byte[] BEGUN = {'b'};

  /** Holds {@link ChangelogTail.Progress}: a command's last write. */
  static final byte[] PROGRESS = {'m'};

  private static final int VERSION_SUFFIX_BYTES = 1 + Long.BYTES;

  private static final int DELETION_PREFIX_BYTES = 1 + Long.BYTES;

  private StoreKeys() {}

  static byte[] entry(String key) {
    return prefixed(ENTRY, key);
  }

  /** The key of a cell's version at this position. */
  static byte[] version(String key, long packedPosition) {
    byte[] cell = prefixed(CELL, key);
    return ByteBuffer.allocate(cell.length + VERSION_SUFFIX_BYTES)
        .put(cell)
        .put((byte) 0)
        .putLong(packedPosition)
        .array();
  }

  /** The first key that a cell with this prefix may have. */
  static byte[] cellsFrom(String prefix) {
    return prefixed(CELL, prefix);
  }

  /** A key after those of all cells with this prefix: no UTF-8 has a byte FF. */
  static byte[] cellsTo(String prefix) {
    byte[] from = prefixed(CELL, prefix);
    byte[] to = Arrays.copyOf(from, from.length + 1);
    to[from.length] = (byte) 0xFF;
    return to;
  }

  static boolean isCell(byte[] key) {
    return key.length > VERSION_SUFFIX_BYTES && key[0] == CELL;
  }

  static boolean isEntry(byte[] key) {
    return key.length > 0 && key[0] == ENTRY;
  }

  /** The position in a cell version's key. */
  static long packedPosition(byte[] versionKey) {
    return ByteBuffer.wrap(versionKey).getLong(versionKey.length - Long.BYTES);
  }

  /** The cell's key in a version's key. */
  static String cellKey(byte[] versionKey) {
    return unescaped(versionKey, 1, versionKey.length - VERSION_SUFFIX_BYTES);
  }

  private static String unescaped(byte[] key, int from, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - from);
    for (int i = from; i < end; i++) {
      if (key[i] == 1) {
        i++;
        out.write(key[i] - 1);
      } else {
        out.write(key[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The key in the queue for a deletion of this cell at this position. */
  static byte[] deletion(String key, long packedPosition) {
    byte[] cell = prefixed(CELL, key);
    return ByteBuffer.allocate(Long.BYTES + cell.length)
        .put(DELETION)
        .putLong(packedPosition)
        .put(cell, 1, cell.length - 1)
        .array();
  }

  /** Before all keys of deletions at this position, and after those before it. */
  static byte[] deletionsFrom(long packedPosition) {
    return ByteBuffer.allocate(DELETION_PREFIX_BYTES).put(DELETION).putLong(packedPosition).array();
  }

  static boolean isDeletion(byte[] key) {
    return key.length >= DELETION_PREFIX_BYTES && key[0] == DELETION;
  }

  /** The position in a deletion's key. */
  static long deletedAt(byte[] deletionKey) {
    return ByteBuffer.wrap(deletionKey).getLong(1);
  }

  /** The cell's key in a deletion's key. */
  static String deletedCell(byte[] deletionKey) {
    return unescaped(deletionKey, DELETION_PREFIX_BYTES, deletionKey.length);
  }

  private static byte[] prefixed(byte kind, String key) {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(utf8.length + 1);
    out.write(kind);
    for (byte b : utf8) {
      if (b == 0 || b == 1) {
        out.write(1);
        out.write(b + 1);
      } else {
        out.write(b);
      }
    }
    return out.toByteArray();
  }
}
