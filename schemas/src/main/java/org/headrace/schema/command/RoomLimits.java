package org.headrace.schema.command;

/** What commands of rooms may hold and how long joins rest: writers keep to it, rooms insist. */
public final class RoomLimits {
  /** Events in one command of many. */
  public static final int CHUNK_EVENTS_MAX = 500;

  /** JSON of all events in one command of many, bytes; one event alone may be larger. */
  public static final int CHUNK_BYTES_MAX = 700_000;

  /**
   * A join whose last step was decided so long ago may be begun anew. A step is waited for up to
   * one minute, and the next one's events are checked meanwhile, which may take about another where
   * keys have to be fetched. A guess all the same: of a join that is slower yet, a later step is
   * refused, and it fails.
   */
  public static final long JOIN_ABANDONED_MILLIS = 3 * 60 * 1000;

  /** Aliases that one upgrade moves. */
  public static final int UPGRADE_ALIASES_MAX = 256;

  private RoomLimits() {}
}
