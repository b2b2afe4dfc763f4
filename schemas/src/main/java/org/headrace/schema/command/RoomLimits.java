package org.headrace.schema.command;

/** What commands of rooms may hold: writers keep to it, rooms refuse more. */
public final class RoomLimits {
  /** Events in one command of many. */
  public static final int CHUNK_EVENTS_MAX = 500;

  /** JSON of all events in one command of many, bytes; one event alone may be larger. */
  public static final int CHUNK_BYTES_MAX = 700_000;

  private RoomLimits() {}
}
