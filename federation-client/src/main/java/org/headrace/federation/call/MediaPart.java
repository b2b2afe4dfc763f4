package org.headrace.federation.call;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Another server's media, while it comes.
 *
 * @param type its media type, as the server says
 * @param filename if the server names one
 * @param bytes to be read once
 */
public record MediaPart(String type, Optional<String> filename, Bytes bytes) {
  static final String OCTETS = "application/octet-stream";

  /** The bytes, as they come. */
  @FunctionalInterface
  public interface Bytes {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Takes the media and makes something of it. */
  @FunctionalInterface
  public interface Sink<T> {
    T take(MediaPart part) throws IOException;
  }
}
