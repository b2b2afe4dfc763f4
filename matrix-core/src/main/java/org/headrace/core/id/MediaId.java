package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The last part of an {@code mxc://} URI, 1 to 255 of {@code A-Za-z0-9_-} and nothing else, so that
 * it can stand in paths (client-server API, "Content repository", security considerations).
 */
public record MediaId(@JsonValue String value) implements Comparable<MediaId> {
  private static final int CHARS_MAX = 255;

  @JsonCreator
  public MediaId {
    if (value.isEmpty()
        || value.length() > CHARS_MAX
        || !value.chars().allMatch(MediaId::isAllowed)) {
      throw new InvalidIdException("not a media id: it has 1 to 255 of A-Z a-z 0-9 _ -");
    }
  }

  private static boolean isAllowed(int c) {
    return c >= 'A' && c <= 'Z'
        || c >= 'a' && c <= 'z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '-';
  }

  @Override
  public int compareTo(MediaId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
