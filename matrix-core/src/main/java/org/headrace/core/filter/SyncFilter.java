package org.headrace.core.filter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.RoomId;

/**
 * A whole filter as clients upload it or send it with /sync (client-server API, "Filtering").
 *
 * @param eventFields the properties to include, as dot-separated paths; all if absent
 * @param federationFormat whether events are wanted as servers exchange them
 */
public record SyncFilter(
    Optional<List<String>> eventFields,
    boolean federationFormat,
    EventFilter presence,
    EventFilter accountData,
    Optional<List<String>> rooms,
    List<String> notRooms,
    boolean includeLeave,
    EventFilter state,
    EventFilter timeline,
    EventFilter ephemeral,
    EventFilter roomAccountData) {

  /** The filter that lets everything through. */
  public static final SyncFilter ALL = parseNode(MissingNode.getInstance());

  /** Reads and checks a filter; throws {@link InvalidFilterException}. */
  public static SyncFilter parse(ObjectNode json) {
    return parseNode(json);
  }

  /** Whether the room is in the filter's scope at all. */
  public boolean matchesRoom(RoomId room) {
    return !notRooms.contains(room.value())
        && rooms.map(list -> list.contains(room.value())).orElse(true);
  }

  private static SyncFilter parseNode(JsonNode json) {
    JsonNode room = FilterJson.object(json, "room");
    EventFilter ofRoom = EventFilter.parse(room);
    return new SyncFilter(
        FilterJson.strings(json, "event_fields", any -> true),
        isFederationFormat(json.path("event_format")),
        EventFilter.parse(FilterJson.object(json, "presence")),
        EventFilter.parse(FilterJson.object(json, "account_data")),
        ofRoom.rooms(),
        ofRoom.notRooms(),
        FilterJson.bool(room, "include_leave").orElse(false),
        EventFilter.parse(FilterJson.object(room, "state")),
        EventFilter.parse(FilterJson.object(room, "timeline")),
        EventFilter.parse(FilterJson.object(room, "ephemeral")),
        EventFilter.parse(FilterJson.object(room, "account_data")));
  }

  private static boolean isFederationFormat(JsonNode format) {
    if (format.isMissingNode() || format.isNull() || format.asText().equals("client")) {
      return false;
    }
    if (format.asText().equals("federation")) {
      return true;
    }
    throw new InvalidFilterException("event_format must be client or federation");
  }
}
