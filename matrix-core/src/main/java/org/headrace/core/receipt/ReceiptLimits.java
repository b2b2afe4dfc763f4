package org.headrace.core.receipt;

/**
 * What the specification does not bound.
 *
 * @param extremitiesMax forward extremities of a room; an event that would add one more is kept,
 *     but not shown
 * @param stateChangesMax entries in which the state before an event may differ from the room's
 */
public record ReceiptLimits(int extremitiesMax, int stateChangesMax) {
  /** Forward extremities of a room. */
  public static final int EXTREMITIES_MAX = 50;

  /** The bound on extremities alone, which bounds the work for an event. */
  public static final ReceiptLimits OF_A_REPLAY =
      new ReceiptLimits(EXTREMITIES_MAX, Integer.MAX_VALUE);
}
