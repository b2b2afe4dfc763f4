package org.headrace.api.sync;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.api.event.StateValues;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Counts of members, and the heroes that a room without a name is called after. */
@Singleton
public class SummaryProvider {
  /** Heroes that are named. */
  private static final int HEROES_MAX = 5;

  private static final StateKey NAME = new StateKey("m.room.name", "");
  private static final StateKey ALIAS = new StateKey("m.room.canonical_alias", "");

  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final StateValues values;

  @Inject
  public SummaryProvider(
      RoomsView rooms, StateView state, TimelineView timeline, StateValues values) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
    this.values = values;
  }

  /** {@code heroes} are empty for a room with a name or an alias. */
  record Summary(int joined, int invited, boolean named, List<UserId> heroes) {
    ObjectNode json() {
      ObjectNode json = Json.object();
      if (!named) {
        ArrayNode names = json.putArray("m.heroes");
        heroes.forEach(hero -> names.add(hero.value()));
      }
      json.put("m.joined_member_count", joined);
      json.put("m.invited_member_count", invited);
      return json;
    }
  }

  /** Present if the room is told whole, or if members or its name changed in the window. */
  Optional<Summary> summary(RoomWindow window, boolean full) {
    if (!full && window.changes().stream().noneMatch(change -> matters(change.key()))) {
      return Optional.empty();
    }
    RoomId room = window.room();
    RoomsView.Counts counts = rooms.counts(room);
    boolean named = isSet(room, NAME, "name", window.now())
        || isSet(room, ALIAS, "alias", window.now());
    List<UserId> heroes = named ? List.of() : heroes(window);
    return Optional.of(new Summary(counts.joined(), counts.invited(), named, heroes));
  }

  private static boolean matters(StateKey key) {
    return key.type().equals("m.room.member") || key.equals(NAME) || key.equals(ALIAS);
  }

  private boolean isSet(RoomId room, StateKey key, String member, Position at) {
    return state
        .entry(room, key, at)
        .flatMap(event -> timeline.event(room, event))
        .map(row -> !row.pdu().path("content").path(member).asText("").isEmpty())
        .orElse(false);
  }

  /** Joined and invited members by the order of their events; if there are none, those who left. */
  private List<UserId> heroes(RoomWindow window) {
    List<EventRow> present = new ArrayList<>();
    List<EventRow> gone = new ArrayList<>();
    RoomId room = window.room();
    for (StateView.Entry entry : state.ofType(room, "m.room.member", window.now())) {
      if (entry.key().stateKey().equals(window.user().value())) {
        continue;
      }
      String membership = values.membershipOf(room, entry.eventId()).orElse("leave");
      boolean here = membership.equals("join") || membership.equals("invite");
      if (here || present.isEmpty()) {
        timeline.event(room, entry.eventId()).ifPresent(here ? present::add : gone::add);
      }
    }
    return (present.isEmpty() ? gone : present)
        .stream()
            .sorted(Comparator.comparing(EventRow::position))
            .limit(HEROES_MAX)
            .map(row -> new UserId(row.pdu().path("state_key").asText()))
            .toList();
  }
}
