package org.headrace.topology.store;

import org.headrace.schema.log.Position;

/**
 * A command is so old that the versions it would have to see are pruned: the store must be rebuilt.
 */
public final class BelowFloorException extends IllegalStateException {
  public BelowFloorException(String cell, Position at) {
    super("the store no longer holds cell " + cell + " as it was before " + at);
  }
}
