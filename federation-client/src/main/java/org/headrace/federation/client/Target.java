package org.headrace.federation.client;

import java.nio.charset.StandardCharsets;

/** Path and query of a request, percent-encoded as they are built. */
public final class Target {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

  private final StringBuilder text;
  private boolean hasQuery;

  private Target(String prefix) {
    this.text = new StringBuilder(prefix);
  }

  /** Begins with a path that needs no encoding, such as {@code /_matrix/federation/v1/send}. */
  public static Target of(String path) {
    return new Target(path);
  }

  /** Adds {@code /} and this segment. */
  public Target segment(Object value) {
    text.append('/');
    encode(value.toString());
    return this;
  }

  /** Adds a query parameter. */
  public Target query(String name, Object value) {
    text.append(hasQuery ? '&' : '?');
    hasQuery = true;
    encode(name);
    text.append('=');
    encode(value.toString());
    return this;
  }

  private void encode(String value) {
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (UNRESERVED.indexOf(c) >= 0) {
        text.append(c);
      } else {
        text.append('%')
            .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
            .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
      }
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
