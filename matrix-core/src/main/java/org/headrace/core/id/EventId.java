package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;

/** An event id: given by its server in room versions 1 and 2, a reference hash from 3 on. */
public record EventId(@JsonValue String value) implements Comparable<EventId> {
  @JsonCreator
  public EventId {
    Identifiers.requireLength(value);
    if (value.length() < 2 || value.charAt(0) != '$') {
      throw new InvalidIdException("an event id must start with '$'");
    }
  }

  /** The server name after the colon, as ids of room versions 1 and 2 have it. */
  public Optional<ServerName> server() {
    int colon = value.indexOf(':');
    try {
      return colon < 0 ? Optional.empty() : Optional.of(new ServerName(value.substring(colon + 1)));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(EventId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
