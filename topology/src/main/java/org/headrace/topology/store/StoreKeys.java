package org.headrace.topology.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.headrace.schema.log.Position;

/**
 * The store's keys. {@code e<key>} is an entry; {@code c<key> 00 <position>} a version of a cell;
 * {@code m} the progress. NUL and 01 inside a key are escaped, so that versions of one cell are
 * contiguous and cells sort by key.
 */
final class StoreKeys {
  static final byte ENTRY = 'e';
  static final byte CELL = 'c';

  /** Holds the position of the last command that was written completely. */
  static final byte[] PROGRESS = {'m'};

  private static final int VERSION_SUFFIX_BYTES = 1 + Long.BYTES;

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
    ByteArrayOutputStream out = new ByteArrayOutputStream(versionKey.length);
    int end = versionKey.length - VERSION_SUFFIX_BYTES;
    for (int i = 1; i < end; i++) {
      if (versionKey[i] == 1) {
        i++;
        out.write(versionKey[i] - 1);
      } else {
        out.write(versionKey[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  static Position decodePosition(byte[] value) {
    return new Position(ByteBuffer.wrap(value).getLong());
  }

  static byte[] encodePosition(Position position) {
    return ByteBuffer.allocate(Long.BYTES).putLong(position.packed()).array();
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
