package org.headrace.standalone.dag;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Lines of bytes; one that is too long is passed over without being held. */
final class LineReader {
  /** Longest line, in bytes: an event has 64 KiB at most, and what is written beside it adds. */
  static final int LINE_BYTES_MAX = 1 << 20;

  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int end;
  private long number;
  private long bytesRead;

  LineReader(InputStream in) {
    this.in = in;
  }

  /**
   * A line without its end.
   *
   * @param number from 1 on
   * @param bytes null if it is longer than {@link #LINE_BYTES_MAX}
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Line(long number, byte @Nullable [] bytes) {}

  /** The next line, or null at the end. */
  @Nullable Line next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean any = false;
    boolean tooLong = false;
    while (start < end || fill()) {
      any = true;
      int newline = start;
      while (newline < end && buffer[newline] != '\n') {
        newline++;
      }
      tooLong |= line.size() + newline - start > LINE_BYTES_MAX;
      if (!tooLong) {
        line.write(buffer, start, newline - start);
      }
      boolean ends = newline < end;
      start = ends ? newline + 1 : newline;
      if (ends) {
        break;
      }
    }
    if (!any) {
      return null;
    }
    return new Line(++number, tooLong ? null : line.toByteArray());
  }

  long bytesRead() {
    return bytesRead;
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer);
    start = 0;
    end = Math.max(read, 0);
    bytesRead += end;
    return read > 0;
  }
}
