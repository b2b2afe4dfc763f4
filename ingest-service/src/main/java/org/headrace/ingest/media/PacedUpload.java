package org.headrace.ingest.media;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;
import org.headrace.http.MatrixError;

/**
 * The body of an upload, which must keep a pace: one that drips would hold its place for hours.
 * Ends with a 408 if it is slower.
 */
final class PacedUpload extends FilterInputStream {
  private static final long GRACE_MILLIS = 60_000;

  /** 8 kB a second. */
  private static final long BYTES_PER_MILLI_MIN = 8;

  private final LongSupplier nowMillis;
  private final long begunMillis;
  private long received;

  PacedUpload(InputStream body, LongSupplier nowMillis) {
    super(body);
    this.nowMillis = nowMillis;
    this.begunMillis = nowMillis.getAsLong();
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    count(Math.max(0, read));
    return read;
  }

  private void count(int bytes) {
    received += bytes;
    long elapsed = nowMillis.getAsLong() - begunMillis;
    if (elapsed > GRACE_MILLIS + received / BYTES_PER_MILLI_MIN) {
      throw new MatrixError(408, "M_UNKNOWN", "The body took too long to arrive");
    }
  }
}
