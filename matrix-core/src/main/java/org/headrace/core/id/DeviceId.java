package org.headrace.core.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A device id: opaque, unique within its user. */
public record DeviceId(@JsonValue String value) implements Comparable<DeviceId> {
  @JsonCreator
  public DeviceId {
    Identifiers.requireLength(value);
    if (value.isEmpty()) {
      throw new InvalidIdException("a device id may not be empty");
    }
  }

  @Override
  public int compareTo(DeviceId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
