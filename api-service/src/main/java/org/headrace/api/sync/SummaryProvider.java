package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

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

  @Inject
  public SummaryProvider(RoomsView rooms, StateView state, TimelineView timeline) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
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
    boolean named =
        isSet(room, NAME, "name", window.now()) || isSet(room, ALIAS, "alias", window.now());
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
    List<RoomsView.Membership> others =
        rooms.members(window.room()).stream()
            .filter(member -> !member.user().equals(window.user()))
            .sorted(Comparator.comparing(RoomsView.Membership::position))
            .toList();
    List<RoomsView.Membership> present =
        others.stream().filter(SummaryProvider::isPresent).toList();
    return (present.isEmpty() ? others : present)
        .stream().limit(HEROES_MAX).map(RoomsView.Membership::user).toList();
  }

  private static boolean isPresent(RoomsView.Membership member) {
    return member.membership().equals("join") || member.membership().equals("invite");
  }
}
