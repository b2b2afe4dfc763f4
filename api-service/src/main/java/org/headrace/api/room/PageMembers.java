package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.api.event.StateValues;
import org.headrace.core.event.StateKey;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;

/** State that is told with a page of events (client-server API, "Lazy-loading room members"). */
@Singleton
class PageMembers {
  private final StateValues values;
  private final TimelineView timeline;

  @Inject
  PageMembers(StateValues values, TimelineView timeline) {
    this.values = values;
    this.timeline = timeline;
  }

  /** The senders' member events where members are loaded lazily; else none. */
  List<EventRow> ofSenders(List<EventRow> rows, EventRow at, EventFilter filter) {
    List<EventRow> members = new ArrayList<>();
    if (!filter.lazyLoadMembers()) {
      return members;
    }
    for (String sender : senders(rows)) {
      values
          .entry(at, StateKey.member(sender))
          .flatMap(event -> timeline.event(at.roomId(), event))
          .ifPresent(members::add);
    }
    return members;
  }

  /** The whole state, of whose members only the senders' if they are loaded lazily. */
  List<EventRow> stateAt(List<EventRow> rows, EventRow at, EventFilter filter) {
    SortedSet<String> senders = senders(rows);
    RoomId room = at.roomId();
    List<EventRow> all = new ArrayList<>();
    for (StateView.Entry entry : values.all(at)) {
      StateKey key = entry.key();
      boolean wanted =
          !filter.lazyLoadMembers()
              || !key.type().equals("m.room.member")
              || senders.contains(key.stateKey());
      if (wanted) {
        timeline.event(room, entry.eventId()).ifPresent(all::add);
      }
    }
    return all;
  }

  private static SortedSet<String> senders(List<EventRow> rows) {
    SortedSet<String> senders = new TreeSet<>();
    rows.forEach(row -> senders.add(row.pdu().path("sender").asText()));
    return senders;
  }
}
