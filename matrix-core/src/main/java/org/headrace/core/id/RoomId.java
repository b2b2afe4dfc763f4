package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A room id: opaque after its {@code !}. From room version 12 it has no server name: it is the
 * create event's reference hash (spec appendices, "Room IDs"; room version 12).
 */
public record RoomId(@JsonValue String value) implements Comparable<RoomId> {
  @JsonCreator
  public RoomId {
    Identifiers.requireLength(value);
    if (value.length() < 2 || value.charAt(0) != '!') {
      throw new InvalidIdException("a room id must start with '!'");
    }
  }

  @Override
  public int compareTo(RoomId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
