package org.headrace.topology.store;

import org.headrace.schema.log.Position;

/**
 * A command is so old that versions it might have to see are dropped: the store must be rebuilt
 * from the log, which recovery does when the topology starts again.
 */
public final class BelowFloorException extends IllegalStateException {
  public BelowFloorException(Position at, Position floor) {
    super(
        "the store holds what lay before a command only after "
            + floor
            + ", and "
            + at
            + " is to be decided");
  }
}
