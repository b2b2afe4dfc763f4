package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.projections.view.RoomsView;

/**
 * Rooms as parts of spaces, and to whom they are shown: who is in them, could join, or could look
 * in (client-server API, GET /hierarchy).
 */
@Singleton
public class SpaceRooms {
  /** Users of a server whose invites are looked at. */
  private static final int USERS_LOOKED_AT_MAX = 500;

  private final RoomsView rooms;
  private final RoomSummaries summaries;

  @Inject
  public SpaceRooms(RoomsView rooms, RoomSummaries summaries) {
    this.rooms = rooms;
    this.summaries = summaries;
  }

  /** The room, if this tenant is in it. */
  public Optional<RoomsView.Room> ofTenant(RoomId room, ServerName tenant) {
    return rooms.isJoined(room, tenant) ? rooms.room(room) : Optional.empty();
  }

  /** Its summary with {@code children_state}. */
  public ObjectNode entry(RoomsView.Room room, boolean suggestedOnly) {
    ObjectNode entry = summaries.summary(room);
    ArrayNode state = entry.putArray("children_state");
    children(room, suggestedOnly).forEach(child -> state.add(child.stripped()));
    return entry;
  }

  public List<RoomSummaries.Child> children(RoomsView.Room room, boolean suggestedOnly) {
    return summaries.children(room).stream()
        .filter(child -> !suggestedOnly || child.suggested())
        .toList();
  }

  /** Whether a tenant shows the room to another server: one of its users might see or join it. */
  public boolean isShownTo(RoomsView.Room room, ServerName server, ServerName tenant) {
    RoomId id = room.roomId();
    return isOpen(
            summaries.summary(room),
            allowed -> rooms.isJoined(allowed, tenant) && rooms.isJoined(allowed, server))
        || rooms.isJoined(id, server)
        || rooms.usersOf(id, server, USERS_LOOKED_AT_MAX).stream()
            .anyMatch(user -> has(id, user, "invite"));
  }

  /** Whether a user may see a room of this summary, whoever told it. */
  public boolean isShownTo(ObjectNode summary, RoomId room, UserId user) {
    return has(room, user, "join")
        || has(room, user, "invite")
        || isOpen(summary, allowed -> has(allowed, user, "join"));
  }

  private boolean has(RoomId room, UserId user, String membership) {
    return rooms
        .membership(room, user)
        .filter(found -> found.membership().equals(membership))
        .isPresent();
  }

  private static boolean isOpen(ObjectNode summary, Predicate<RoomId> isIn) {
    if (summary.path("world_readable").asBoolean()) {
      return true;
    }
    // An older server tells no version: then its word on the join rule counts.
    RoomVersion version =
        RoomVersion.find(summary.path("room_version").asText()).orElse(RoomVersion.DEFAULT);
    return switch (summary.path("join_rule").asText("public")) {
      case "public" -> true;
      case "knock" -> version.auth().knocking();
      case "knock_restricted" -> version.auth().knockRestrictedJoin();
      case "restricted" -> version.auth().restrictedJoin() && isInOne(summary, isIn);
      default -> false;
    };
  }

  private static boolean isInOne(ObjectNode summary, Predicate<RoomId> isIn) {
    for (JsonNode allowed : summary.path("allowed_room_ids")) {
      try {
        if (isIn.test(new RoomId(allowed.asText()))) {
          return true;
        }
      } catch (InvalidIdException e) {
        // Nobody is in it.
      }
    }
    return false;
  }

  /**
   * What a tenant tells another server of a space: {@code {room, children, inaccessible_children}};
   * empty if it knows no such room, or does not show it.
   */
  public Optional<ObjectNode> forServer(
      RoomId room, ServerName server, ServerName tenant, boolean suggestedOnly) {
    return ofTenant(room, tenant)
        .filter(found -> isShownTo(found, server, tenant))
        .map(
            found -> {
              ObjectNode json = Json.object();
              json.set("room", entry(found, suggestedOnly));
              ArrayNode shown = json.putArray("children");
              ArrayNode hidden = json.putArray("inaccessible_children");
              for (RoomSummaries.Child child : children(found, suggestedOnly)) {
                Optional<RoomsView.Room> known = ofTenant(child.room(), tenant);
                if (known.isPresent() && isShownTo(known.get(), server, tenant)) {
                  shown.add(entry(known.get(), suggestedOnly));
                } else if (known.isPresent()) {
                  hidden.add(child.room().value());
                }
              }
              return json;
            });
  }
}
