package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * {@code @localpart:domain}. Accepts the historical grammar that other servers' users may have;
 * {@link #isStrict} tells whether a new account may have it (spec appendices, "User Identifiers").
 */
public record UserId(@JsonValue String value) implements Comparable<UserId> {
  private static final Pattern STRICT_LOCALPART = Pattern.compile("[a-z0-9._=\\-/+]+");

  @JsonCreator
  public UserId {
    Identifiers.requireSigilAndDomain(value, '@', "a user id");
  }

  public static UserId of(String localpart, ServerName server) {
    return new UserId("@" + localpart + ":" + server.value());
  }

  public String localpart() {
    return value.substring(1, value.indexOf(':'));
  }

  public ServerName server() {
    return new ServerName(value.substring(value.indexOf(':') + 1));
  }

  /** Whether the localpart keeps to the grammar for new user ids. */
  public boolean isStrict() {
    return STRICT_LOCALPART.matcher(localpart()).matches();
  }

  @Override
  public int compareTo(UserId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
