package org.headrace.media;

import java.io.IOException;

/** More bytes came than are allowed. */
public final class TooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  public TooLargeException(long bytesMax) {
    super("more than " + bytesMax + " bytes");
  }
}
