package org.headrace.media;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * The port to where the bytes of uploads lie, by their hash: who uploaded them under which id is on
 * the log (design D8). Those processes of a cluster that take uploads or answer with them share
 * one. What is in it never changes. Safe for many threads.
 */
public interface MediaStore {
  /**
   * Bytes that are stored.
   *
   * @param hash SHA-256, lower-case hexadecimal
   * @param size bytes
   */
  record Stored(String hash, long size) {}

  /** Bytes to read; close it. */
  interface Content extends AutoCloseable {
    long size();

    InputStream stream();

    @Override
    void close() throws IOException;
  }

  /**
   * Stores all that the stream has, durably before it returns. What this process has stored before
   * is kept once. Every one that returns is followed by {@link #settle}.
   *
   * @throws TooLargeException if it has more than {@code bytesMax}; nothing is stored then
   */
  Stored put(InputStream content, long bytesMax) throws IOException;

  /**
   * Says how a {@link #put} ended: whether its bytes may be used, or nobody was told of them. Those
   * that it brought and no other put has found are deleted then.
   */
  void settle(Stored stored, boolean used) throws IOException;

  /** Empty if there is nothing of this hash. */
  Optional<Content> open(String hash) throws IOException;
}
