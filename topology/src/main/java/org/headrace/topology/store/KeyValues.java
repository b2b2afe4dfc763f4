package org.headrace.topology.store;

import org.jspecify.annotations.Nullable;

/** An ordered byte store, keys compared as unsigned bytes. One thread. */
public interface KeyValues {
  byte @Nullable [] get(byte[] key);

  void put(byte[] key, byte[] value);

  void delete(byte[] key);

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
}
