package org.headrace.schema.command;

/** What commands of rooms may hold and how long joins rest: writers keep to it, rooms insist. */
public final class RoomLimits {
  /** Events in one command of many. */
  public static final int CHUNK_EVENTS_MAX = 500;

  /** JSON of all events in one command of many, bytes; one event alone may be larger. */
  public static final int CHUNK_BYTES_MAX = 700_000;

  /**
   * A join that nobody has worked on for so long may be begun anew; longer than one step is waited
   * for.
   */
  public static final long JOIN_ABANDONED_MILLIS = 2 * 60 * 1000;

  private RoomLimits() {}
}
