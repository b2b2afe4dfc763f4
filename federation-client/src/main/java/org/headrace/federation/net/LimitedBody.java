package org.headrace.federation.net;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of an answer, which fails beyond its limit of bytes. */
public final class LimitedBody extends FilterInputStream {
  /** The body is larger than it may be. */
  public static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(long bytesMax) {
      super("the answer is larger than " + bytesMax + " bytes");
    }
  }

  private final long bytesMax;
  private long bytesRead;
  private long allowedTo;

  public LimitedBody(InputStream in, long bytesMax) {
    super(in);
    this.bytesMax = bytesMax;
    this.allowedTo = bytesMax;
  }

  /** From here on only this many bytes may be read, until the next call. */
  public void allow(long bytes) {
    allowedTo = Math.min(bytesMax, bytesRead + bytes);
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    if (next >= 0) {
      count(1);
    }
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    if (read > 0) {
      count(read);
    }
    return read;
  }

  @Override
  public long skip(long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(int bytes) throws TooLarge {
    bytesRead += bytes;
    if (bytesRead > allowedTo) {
      throw new TooLarge(allowedTo);
    }
  }
}
