package org.headrace.core.receipt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;

/** What an event takes from the forward extremities of its room. */
public final class Extremities {
  /**
   * How many rejected or soft-failed events are walked through to find what an event supersedes.
   */
  private static final int UNSHOWN_WALK_MAX = 100;

  private Extremities() {}

  /** The events that are no extremities once this one is accepted. */
  public static SortedSet<EventId> superseded(Pdu pdu, RoomEvents events) {
    return superseded(pdu.prevEvents(), events);
  }

  /** The events that are no extremities once what follows these is accepted. */
  public static SortedSet<EventId> superseded(Collection<EventId> prevEvents, RoomEvents events) {
    TreeSet<EventId> superseded = new TreeSet<>();
    List<EventId> walk = new ArrayList<>(prevEvents);
    int walked = 0;
    while (!walk.isEmpty()) {
      EventId prev = walk.removeLast();
      boolean unshown = superseded.add(prev) && events.isPlaced(prev) && !events.isAccepted(prev);
      // What is not shown is never an extremity, so it supersedes in the name of who follows it.
      if (unshown && walked++ < UNSHOWN_WALK_MAX) {
        walk.addAll(events.event(prev).prevEvents());
      }
    }
    return superseded;
  }
}
