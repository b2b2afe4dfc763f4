package org.headrace.topology.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An ordered byte store, keys compared as unsigned bytes. One thread. */
public interface KeyValues {
  byte @Nullable [] get(byte[] key);

  /**
   * Makes all of these writes or, if the process dies, none. A changelog gets them one by one, in
   * this order, so it may end within them.
   */
  void write(List<Write> writes);

  /** Entries with {@code from <= key <= to}, ascending. */
  Cursor ascending(byte[] from, byte[] to);

  /** Entries with {@code from <= key <= to}, descending. */
  Cursor descending(byte[] from, byte[] to);

  /** An iteration that must be closed. */
  interface Cursor extends AutoCloseable {
    /** The next entry, or null at the end. */
    @Nullable Entry next();

    @Override
    void close();
  }

  /** A key and its value. */
  record Entry(byte[] key, byte[] value) {}

  /** A value to be put, or null for a key to be deleted. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Write(byte[] key, byte @Nullable [] value) {}
}
