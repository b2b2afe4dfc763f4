package org.headrace.api.sync;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * The state that a client needs beside a timeline: between the window's start and the start (or,
 * with use_state_after, the end) of the timeline, or all of it.
 */
@Singleton
public class StateProvider {
  private static final String MEMBER = "m.room.member";

  private final StateView state;
  private final TimelineView timeline;

  @Inject
  public StateProvider(StateView state, TimelineView timeline) {
    this.state = state;
    this.timeline = timeline;
  }

  /** What is asked for: all of the state, or its changes; up to which end of the timeline. */
  record Wanted(boolean full, boolean after, Position upTo, Collection<UserId> heroes) {}

  List<EventRow> state(
      RoomWindow window, RoomTimelineProvider.Timeline shown, EventFilter filter, Wanted wanted) {
    RoomId room = window.room();
    if (!filter.matchesRoom(room)) {
      return List.of();
    }
    Position at = wanted.after() ? wanted.upTo() : shown.start(wanted.upTo());
    Set<String> members = members(window, shown, wanted);
    Map<StateKey, EventId> entries =
        wanted.full()
            ? whole(room, at, filter.lazyLoadMembers() ? members : null)
            : changed(window, shown, wanted, at);
    if (!wanted.full() && filter.lazyLoadMembers()) {
      for (String user : members) {
        StateKey key = StateKey.member(user);
        if (!entries.containsKey(key)) {
          state.entry(room, key, at).ifPresent(event -> entries.put(key, event));
        }
      }
    }
    return timeline.events(room, List.copyOf(entries.values())).stream()
        .filter(row -> filter.matches(row.pdu()))
        .toList();
  }

  private Map<StateKey, EventId> whole(RoomId room, Position at, @Nullable Set<String> members) {
    Map<StateKey, EventId> entries = new LinkedHashMap<>();
    for (StateView.Entry entry : state.all(room, at)) {
      StateKey key = entry.key();
      if (members == null || !key.type().equals(MEMBER) || members.contains(key.stateKey())) {
        entries.put(key, entry.eventId());
      }
    }
    return entries;
  }

  /**
   * Changes up to the start of the timeline, and later ones whose event is not in it: a filter may
   * have left it out, or resolution may have flipped an entry that no new event names.
   */
  private static Map<StateKey, EventId> changed(
      RoomWindow window, RoomTimelineProvider.Timeline shown, Wanted wanted, Position at) {
    Map<StateKey, EventId> entries = new LinkedHashMap<>();
    window
        .lastChanges(at)
        .forEach((key, change) -> change.eventId().ifPresent(event -> entries.put(key, event)));
    if (!wanted.after()) {
      Set<EventId> inTimeline = new HashSet<>();
      shown.rows().forEach(row -> inTimeline.add(row.eventId()));
      for (StateView.Change change : window.lastChanges(wanted.upTo()).values()) {
        Optional<EventId> event = change.eventId();
        if (event.isPresent() && !inTimeline.contains(event.get())) {
          entries.put(change.key(), event.get());
        }
      }
    }
    return entries;
  }

  /**
   * Whose member events lazy loading keeps: senders in the timeline, heroes, and, where the full
   * state is told, the user's own. Nothing is remembered of what was sent before: sending again is
   * allowed.
   */
  private static Set<String> members(
      RoomWindow window, RoomTimelineProvider.Timeline shown, Wanted wanted) {
    Set<String> members = new TreeSet<>();
    for (EventRow row : shown.rows()) {
      members.add(row.pdu().path("sender").asText());
    }
    if (wanted.full()) {
      members.add(window.user().value());
    }
    wanted.heroes().forEach(hero -> members.add(hero.value()));
    return members;
  }
}
