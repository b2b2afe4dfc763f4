package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** {@code #localpart:domain} (spec appendices, "Room Aliases"). */
public record RoomAlias(@JsonValue String value) implements Comparable<RoomAlias> {
  @JsonCreator
  public RoomAlias {
    Identifiers.requireSigilAndDomain(value, '#', "a room alias");
  }

  public String localpart() {
    return value.substring(1, value.indexOf(':'));
  }

  public ServerName server() {
    return new ServerName(value.substring(value.indexOf(':') + 1));
  }

  @Override
  public int compareTo(RoomAlias other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
