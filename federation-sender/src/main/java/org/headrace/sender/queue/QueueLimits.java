package org.headrace.sender.queue;

/** What a queue may hold of one destination, and what one transaction may. */
public final class QueueLimits {
  /** PDUs of one transaction (server-server API, "Transactions"). */
  public static final int TRANSACTION_PDUS_MAX = 50;

  /** EDUs of one transaction. */
  public static final int TRANSACTION_EDUS_MAX = 100;

  /**
   * Events that wait for one destination. Beyond it only the latest of each room is kept, and the
   * destination asks for the rest itself, until it has caught up.
   */
  public static final int PDUS_MAX = 5_000;

  /**
   * Ephemeral messages that wait for one destination. Beyond it those go that are told or fetched
   * anew (device lists, presence, receipts, typing), the oldest first; messages to devices, which
   * are not, when nothing else is left.
   */
  public static final int EDUS_MAX = 20_000;

  private QueueLimits() {}
}
