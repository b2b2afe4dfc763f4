package org.headrace.ingest.remote;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;

/** Events in an order in which none comes before those that it names. */
public final class EventOrder {
  private EventOrder() {}

  /**
   * What must be known before the event can be judged: its auth events, and from version 12 on the
   * create event, which the room's id names in their place.
   */
  static List<EventId> judgedBy(Pdu event, RoomVersion version) {
    if (!version.auth().createFromRoomId() || event.is("m.room.create", "")) {
      return event.authEvents();
    }
    List<EventId> before = new ArrayList<>(event.authEvents());
    before.add(new EventId("$" + event.roomId().value().substring(1)));
    return before;
  }

  /**
   * The events, each after those of {@code before} that are among them; where they name each other
   * in a circle, which hashes forbid and old room versions do not, in some order.
   */
  public static <T> List<T> of(Map<EventId, T> events, Function<T, List<EventId>> before) {
    List<T> ordered = new ArrayList<>(events.size());
    Map<EventId, Boolean> done = new LinkedHashMap<>(); // False: being visited.
    for (EventId event : events.keySet()) {
      visit(event, events, before, done, ordered);
    }
    return ordered;
  }

  /** Depth first, on a stack of its own: chains are longer than threads' stacks. */
  private static <T> void visit(
      EventId first,
      Map<EventId, T> events,
      Function<T, List<EventId>> before,
      Map<EventId, Boolean> done,
      List<T> ordered) {
    Deque<EventId> stack = new ArrayDeque<>();
    stack.push(first);
    while (!stack.isEmpty()) {
      EventId id = stack.peek();
      T event = events.get(id);
      Boolean visited = done.putIfAbsent(id, false);
      if (event == null || visited != null) {
        stack.pop();
        if (event != null && !visited) {
          done.put(id, true);
          ordered.add(event);
        }
      } else {
        for (EventId earlier : before.apply(event)) {
          if (events.containsKey(earlier) && !done.containsKey(earlier)) {
            stack.push(earlier);
          }
        }
      }
    }
  }
}
