package org.headrace.stateres.room;

/** Placeholder until the next step. */
final class Reception {
  /** Received events of one room that may wait for others. */
  static final int WAITING_EVENTS_MAX = 500;

  private Reception() {}
}
