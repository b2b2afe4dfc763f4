package org.headrace.core.id;

import java.nio.charset.StandardCharsets;

/** The checks that all Matrix identifiers share. */
final class Identifiers {
  /** Longest user, room, event and alias identifier, in bytes of UTF-8 (spec appendices). */
  static final int IDENTIFIER_BYTES_MAX = 255;

  private Identifiers() {}

  static String requireLength(String value) {
    if (value.length() > IDENTIFIER_BYTES_MAX
        || value.getBytes(StandardCharsets.UTF_8).length > IDENTIFIER_BYTES_MAX) {
      throw new InvalidIdException("an identifier may have 255 bytes at most");
    }
    if (value.indexOf('\0') >= 0) {
      throw new InvalidIdException("an identifier may not hold a NUL");
    }
    return value;
  }

  /** Checks {@code <sigil>localpart:domain} and returns the index of the colon. */
  static int requireSigilAndDomain(String value, char sigil, String noun) {
    requireLength(value);
    if (value.isEmpty() || value.charAt(0) != sigil) {
      throw new InvalidIdException(noun + " must start with '" + sigil + "'");
    }
    int colon = value.indexOf(':');
    if (colon < 0) {
      throw new InvalidIdException(noun + " must have a ':' before its server name");
    }
    new ServerName(value.substring(colon + 1));
    return colon;
  }
}
