package org.headrace.stateres.room;

import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;

/**
 * A join through another server that is under way (design D6).
 *
 * @param version the room's
 * @param joinEvent what other events wait for
 * @param root of the state that was brought so far
 * @param ts of the last command of it
 */
record Joining(
    String joinId, String version, UserId user, EventId joinEvent, String root, long ts) {
  Joining with(String newRoot, long newTs) {
    return new Joining(joinId, version, user, joinEvent, newRoot, newTs);
  }
}
