package org.headrace.api.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.headrace.api.event.ClientEvents;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

/** Stripped state of rooms that the user is invited to, or knocks on. */
@Singleton
public class InviteProvider {
  /** Where a member event has the state that its room's server told with it. */
  private static final List<String> TOLD_IN = List.of("invite_room_state", "knock_room_state");

  /** Events of another server's stripped state that are handed on. */
  private static final int TOLD_MAX = 100;

  private static final List<StateKey> STRIPPED =
      List.of(
          StateKey.CREATE,
          new StateKey("m.room.name", ""),
          new StateKey("m.room.avatar", ""),
          new StateKey("m.room.topic", ""),
          StateKey.JOIN_RULES,
          new StateKey("m.room.canonical_alias", ""),
          new StateKey("m.room.encryption", ""));

  private final StateView state;
  private final TimelineView timeline;
  private final ClientEvents events;

  @Inject
  public InviteProvider(StateView state, TimelineView timeline, ClientEvents events) {
    this.state = state;
    this.timeline = timeline;
    this.events = events;
  }

  /**
   * {@code {"events": […]}}: the room's state as of the membership, the sender's and own member; of
   * a room that is not held what its server told.
   */
  ObjectNode stripped(RoomWindow window) {
    RoomId room = window.room();
    Optional<EventRow> told =
        timeline.event(room, window.member().eventId()).filter(EventRow::outlier);
    if (told.isPresent()) {
      return told(told.get());
    }
    Position at = window.member().position();
    Set<EventId> wanted = new LinkedHashSet<>();
    for (StateKey key : STRIPPED) {
      state.entry(room, key, at).ifPresent(wanted::add);
    }
    timeline
        .event(room, window.member().eventId())
        .map(row -> StateKey.member(row.pdu().path("sender").asText()))
        .flatMap(sender -> state.entry(room, sender, at))
        .ifPresent(wanted::add);
    wanted.add(window.member().eventId());
    ObjectNode json = Json.object();
    ArrayNode array = json.putArray("events");
    for (EventId event : wanted) {
      timeline.event(room, event).map(events::stripped).ifPresent(array::add);
    }
    return json;
  }

  private ObjectNode told(EventRow member) {
    ObjectNode json = Json.object();
    ArrayNode array = json.putArray("events");
    JsonNode unsigned = member.pdu().path("unsigned");
    for (String name : TOLD_IN) {
      for (JsonNode event : unsigned.path(name)) {
        if (array.size() < TOLD_MAX && isStripped(event)) {
          array.add(events.stripped((ObjectNode) event));
        }
      }
    }
    array.add(events.stripped(member));
    return json;
  }

  private static boolean isStripped(JsonNode event) {
    return event.isObject()
        && event.path("type").isTextual()
        && event.path("state_key").isTextual()
        && event.path("sender").isTextual()
        && event.path("content").isObject();
  }
}
