package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.api.event.ClientEvents;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.jspecify.annotations.Nullable;

/** What a room looks like to who is not in it: for directories and spaces. */
@Singleton
public class RoomSummaries {
  private static final String CHILD = "m.space.child";

  /** Children of one space that are told. */
  static final int CHILDREN_MAX = 500;

  /** An {@code order} counts if it is of at most so many printable ASCII characters. */
  private static final int ORDER_CHARS_MAX = 50;

  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final ClientEvents events;

  @Inject
  public RoomSummaries(
      RoomsView rooms, StateView state, TimelineView timeline, ClientEvents events) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
    this.events = events;
  }

  /** A child of a space, and servers that know it. */
  public record Child(RoomId room, List<ServerName> via, boolean suggested, ObjectNode stripped) {}

  /** A PublishedRoomsChunk with the members of a RoomSummary. */
  public ObjectNode summary(RoomsView.Room room) {
    ObjectNode json = Json.object().put("room_id", room.roomId().value());
    putText(json, "name", content(room, "m.room.name").path("name"));
    putText(json, "topic", content(room, "m.room.topic").path("topic"));
    putText(json, "avatar_url", content(room, "m.room.avatar").path("url"));
    putText(json, "canonical_alias", content(room, "m.room.canonical_alias").path("alias"));
    putText(json, "room_type", content(room, "m.room.create").path("type"));
    putText(json, "encryption", content(room, "m.room.encryption").path("algorithm"));
    json.put("room_version", room.roomVersion());
    json.put("num_joined_members", rooms.counts(room.roomId()).joined());
    json.put("world_readable", isWorldReadable(room));
    json.put(
        "guest_can_join",
        content(room, "m.room.guest_access").path("guest_access").asText().equals("can_join"));
    json.put("join_rule", joinRule(room));
    List<RoomId> allowed = allowed(room);
    if (!allowed.isEmpty()) {
      ArrayNode ids = json.putArray("allowed_room_ids");
      allowed.forEach(id -> ids.add(id.value()));
    }
    return json;
  }

  public boolean isWorldReadable(RoomsView.Room room) {
    return content(room, "m.room.history_visibility")
        .path("history_visibility")
        .asText()
        .equals("world_readable");
  }

  public String joinRule(RoomsView.Room room) {
    return content(room, "m.room.join_rules").path("join_rule").asText("invite");
  }

  /** Rooms whose members may join a restricted room. */
  public List<RoomId> allowed(RoomsView.Room room) {
    JsonNode rules = content(room, "m.room.join_rules");
    List<RoomId> allowed = new ArrayList<>();
    if (!rules.path("join_rule").asText().endsWith("restricted")) {
      return allowed;
    }
    for (JsonNode condition : rules.path("allow")) {
      if (condition.path("type").asText().equals("m.room_membership")
          && allowed.size() < CHILDREN_MAX) {
        room(condition.path("room_id").asText()).ifPresent(allowed::add);
      }
    }
    return allowed;
  }

  /** The children of a space in their order; none of a room that is no space. */
  public List<Child> children(RoomsView.Room room) {
    if (!content(room, "m.room.create").path("type").asText().equals("m.space")) {
      return List.of();
    }
    List<EventRow> rows =
        timeline.events(
            room.roomId(),
            state.ofType(room.roomId(), CHILD, room.last()).stream()
                .map(StateView.Entry::eventId)
                .toList());
    return rows.stream()
        .sorted(
            Comparator.comparing(
                    (EventRow row) -> order(row.pdu()), Comparator.nullsLast(String::compareTo))
                .thenComparing(row -> row.pdu().path("origin_server_ts").asLong())
                .thenComparing(row -> row.pdu().path("state_key").asText()))
        .flatMap(row -> child(events.stripped(row)).stream())
        .limit(CHILDREN_MAX)
        .toList();
  }

  /** A space's child by its stripped event; none if it names no server. */
  static Optional<Child> child(ObjectNode stripped) {
    JsonNode content = stripped.path("content");
    List<ServerName> via = new ArrayList<>();
    for (JsonNode server : content.path("via")) {
      try {
        via.add(new ServerName(server.asText()));
      } catch (InvalidIdException e) {
        // Cannot be asked, then.
      }
    }
    if (via.isEmpty() || !content.path("via").isArray()) {
      return Optional.empty();
    }
    boolean suggested = content.path("suggested").asBoolean(false);
    return room(stripped.path("state_key").asText())
        .map(room -> new Child(room, List.copyOf(via), suggested, stripped));
  }

  private static @Nullable String order(ObjectNode pdu) {
    JsonNode order = pdu.path("content").path("order");
    boolean valid =
        order.isTextual()
            && order.textValue().length() <= ORDER_CHARS_MAX
            && order.textValue().chars().allMatch(c -> c >= ' ' && c <= '~');
    return valid ? order.textValue() : null;
  }

  private static Optional<RoomId> room(String id) {
    try {
      return Optional.of(new RoomId(id));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private JsonNode content(RoomsView.Room room, String type) {
    return state
        .entry(room.roomId(), new StateKey(type, ""), room.last())
        .flatMap(event -> timeline.event(room.roomId(), event))
        .map(row -> row.pdu().path("content"))
        .orElseGet(MissingNode::getInstance);
  }

  private static void putText(ObjectNode json, String name, JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) {
      json.set(name, value);
    }
  }
}
