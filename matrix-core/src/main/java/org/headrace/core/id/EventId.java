package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** An event id: given by its server in room versions 1 and 2, a reference hash from 3 on. */
public record EventId(@JsonValue String value) implements Comparable<EventId> {
  @JsonCreator
  public EventId {
    Identifiers.requireLength(value);
    if (value.length() < 2 || value.charAt(0) != '$') {
      throw new InvalidIdException("an event id must start with '$'");
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
