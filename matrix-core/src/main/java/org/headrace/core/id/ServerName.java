package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * A server name: {@code hostname [":" port]}, the hostname a DNS name, an IPv4 or a bracketed IPv6
 * literal (spec appendices, "Server Name").
 */
public record ServerName(@JsonValue String value) implements Comparable<ServerName> {
  public static final int SERVER_NAME_CHARS_MAX = 230;

  private static final Pattern GRAMMAR =
      Pattern.compile("(?:[0-9A-Za-z.-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

  @JsonCreator
  public ServerName {
    if (value.length() > SERVER_NAME_CHARS_MAX
        || !(isPlainHost(value) || GRAMMAR.matcher(value).matches())) {
      throw new InvalidIdException("not a server name: it is hostname[:port]");
    }
  }

  /** Most names are: told without the pattern, since every user id asks. */
  private static boolean isPlainHost(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '.'
              || c == '-';
      if (!plain) {
        return false;
      }
    }
    return !value.isEmpty();
  }

  @Override
  public int compareTo(ServerName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
