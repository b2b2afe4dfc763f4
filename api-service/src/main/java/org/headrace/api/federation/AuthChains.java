package org.headrace.api.federation;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.record.Verdict;

/** Events that authorise others, and those that authorise them, to the create event. */
@Singleton
class AuthChains {
  /** Events that are read at once. */
  private static final int BATCH_EVENTS = 200;

  private final TimelineView timeline;

  @Inject
  AuthChains(TimelineView timeline) {
    this.timeline = timeline;
  }

  /** Takes events one by one. */
  interface Sink {
    void take(EventRow row) throws IOException;
  }

  /** Hands on each event of the chain once, nearest first. */
  void walk(RoomId room, Collection<EventId> authEvents, Sink sink) throws IOException {
    Set<EventId> met = new HashSet<>(authEvents);
    Deque<EventId> left = new ArrayDeque<>(met.stream().sorted().toList());
    while (!left.isEmpty()) {
      List<EventId> batch = new ArrayList<>();
      while (!left.isEmpty() && batch.size() < BATCH_EVENTS) {
        batch.add(left.remove());
      }
      for (EventRow row : timeline.events(room, batch)) {
        if (row.verdict() == Verdict.REJECTED) {
          continue;
        }
        sink.take(row);
        authEvents(row).stream().filter(met::add).forEach(left::add);
      }
    }
  }

  /** Hands on events in their order, and afterwards what they name of auth events. */
  List<EventId> read(RoomId room, List<EventId> events, Sink sink) throws IOException {
    Set<EventId> named = new HashSet<>();
    for (int from = 0; from < events.size(); from += BATCH_EVENTS) {
      List<EventId> batch = events.subList(from, Math.min(events.size(), from + BATCH_EVENTS));
      for (EventRow row : timeline.events(room, batch)) {
        sink.take(row);
        named.addAll(authEvents(row));
      }
    }
    return named.stream().sorted().toList();
  }

  /** From room version 12 on the room's id names the create event, which authorises all others. */
  static List<EventId> authEvents(EventRow row) {
    Pdu event = new Pdu(row.eventId(), row.roomId(), row.pdu());
    boolean implied =
        !event.type().equals("m.room.create")
            && RoomVersion.find(row.roomVersion())
                .filter(version -> version.auth().createFromRoomId())
                .isPresent();
    if (!implied) {
      return event.authEvents();
    }
    List<EventId> all = new ArrayList<>(event.authEvents());
    all.add(new EventId("$" + row.roomId().value().substring(1)));
    return all;
  }
}
