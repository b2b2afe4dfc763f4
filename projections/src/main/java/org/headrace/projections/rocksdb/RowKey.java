package org.headrace.projections.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Builds row keys that sort as their parts do. A text is its UTF-8 with 00 and 01 escaped, ended by
 * 00; a number is eight bytes, big endian, its sign flipped.
 */
final class RowKey {
  private static final int INITIAL_BYTES = 96;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  private RowKey(Table table) {
    bytes[length++] = table.id();
  }

  static RowKey of(Table table) {
    return new RowKey(table);
  }

  RowKey text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ensure(2 * utf8.length + 1);
    for (byte b : utf8) {
      if (b == 0 || b == 1) {
        bytes[length++] = 1;
        bytes[length++] = (byte) (b + 1);
      } else {
        bytes[length++] = b;
      }
    }
    bytes[length++] = 0;
    return this;
  }

  RowKey number(long number) {
    ensure(Long.BYTES);
    long flipped = number ^ Long.MIN_VALUE;
    for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      bytes[length++] = (byte) (flipped >>> shift);
    }
    return this;
  }

  /** A number that sorts from high to low. */
  RowKey descending(long number) {
    return number(~number);
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The first key after all that start with this one. */
  static byte[] afterPrefix(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xFF) {
        byte[] after = Arrays.copyOf(prefix, i + 1);
        after[i]++;
        return after;
      }
    }
    throw new IllegalArgumentException("no key follows");
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  /** Reads a key's parts in their order. */
  static final class Reader {
    private final byte[] key;
    private int at = 1;

    Reader(byte[] key) {
      this.key = key;
    }

    String text() {
      byte[] out = new byte[key.length - at];
      int length = 0;
      while (key[at] != 0) {
        if (key[at] == 1) {
          at++;
          out[length++] = (byte) (key[at++] - 1);
        } else {
          out[length++] = key[at++];
        }
      }
      at++;
      return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    Reader skipText() {
      while (key[at] != 0) {
        at++;
      }
      at++;
      return this;
    }

    long number() {
      long number = 0;
      for (int i = 0; i < Long.BYTES; i++) {
        number = (number << Byte.SIZE) | (key[at++] & 0xFF);
      }
      return number ^ Long.MIN_VALUE;
    }

    long descending() {
      return ~number();
    }

    /** How many bytes have been read. */
    int position() {
      return at;
    }
  }
}
