package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

/** State that is told with a page of events (client-server API, "Lazy-loading room members"). */
@Singleton
class PageMembers {
  private final StateView state;
  private final TimelineView timeline;

  @Inject
  PageMembers(StateView state, TimelineView timeline) {
    this.state = state;
    this.timeline = timeline;
  }

  /** The senders' member events where members are loaded lazily; else none. */
  List<EventRow> ofSenders(RoomId room, List<EventRow> rows, Position at, EventFilter filter) {
    List<EventRow> members = new ArrayList<>();
    if (!filter.lazyLoadMembers()) {
      return members;
    }
    for (String sender : senders(rows)) {
      state
          .entry(room, StateKey.member(sender), at)
          .flatMap(event -> timeline.event(room, event))
          .ifPresent(members::add);
    }
    return members;
  }

  /** The whole state, of whose members only the senders' if they are loaded lazily. */
  List<EventRow> stateAt(RoomId room, List<EventRow> rows, Position at, EventFilter filter) {
    SortedSet<String> senders = senders(rows);
    List<EventRow> all = new ArrayList<>();
    for (StateView.Entry entry : state.all(room, at)) {
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
