package org.headrace.core.filter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.pattern.Glob;

/**
 * An {@code EventFilter} or {@code RoomEventFilter} (client-server API, "Filtering"). An absent
 * list of what to include includes all; an empty one nothing; what is excluded is so even if
 * included.
 *
 * @param limit most events to return, at least 1; what the server allows is its own bound
 */
public record EventFilter(
    OptionalInt limit,
    Optional<List<String>> types,
    List<String> notTypes,
    Optional<List<String>> senders,
    List<String> notSenders,
    Optional<List<String>> rooms,
    List<String> notRooms,
    Optional<Boolean> containsUrl,
    boolean lazyLoadMembers,
    boolean includeRedundantMembers,
    boolean unreadThreadNotifications) {

  /** The filter that lets everything through. */
  public static final EventFilter ALL = parse(MissingNode.getInstance());

  /** Reads a filter; a missing node is {@link #ALL}. Throws {@link InvalidFilterException}. */
  public static EventFilter parse(JsonNode json) {
    if (!json.isMissingNode() && !json.isObject()) {
      throw new InvalidFilterException("a filter must be an object");
    }
    return new EventFilter(
        parseLimit(json.path("limit")),
        FilterJson.strings(json, "types", any -> true),
        FilterJson.strings(json, "not_types", any -> true).orElse(List.of()),
        FilterJson.strings(json, "senders", EventFilter::isUserId),
        FilterJson.strings(json, "not_senders", EventFilter::isUserId).orElse(List.of()),
        FilterJson.strings(json, "rooms", EventFilter::isRoomId),
        FilterJson.strings(json, "not_rooms", EventFilter::isRoomId).orElse(List.of()),
        FilterJson.bool(json, "contains_url"),
        FilterJson.bool(json, "lazy_load_members").orElse(false),
        FilterJson.bool(json, "include_redundant_members").orElse(false),
        FilterJson.bool(json, "unread_thread_notifications").orElse(false));
  }

  /** Whether events of this room can pass at all. */
  public boolean matchesRoom(RoomId room) {
    return !notRooms.contains(room.value())
        && rooms.map(list -> list.contains(room.value())).orElse(true);
  }

  /** Whether this event passes, its room aside. */
  public boolean matches(JsonNode event) {
    return matchesType(event.path("type").asText())
        && matchesSender(event.path("sender").asText())
        && containsUrl.map(wanted -> wanted == event.path("content").has("url")).orElse(true);
  }

  public boolean matchesType(String type) {
    return !anyGlob(notTypes, type) && types.map(list -> anyGlob(list, type)).orElse(true);
  }

  public boolean matchesSender(String sender) {
    return !notSenders.contains(sender) && senders.map(list -> list.contains(sender)).orElse(true);
  }

  private static boolean anyGlob(List<String> patterns, String type) {
    for (String pattern : patterns) {
      if (Glob.matchesWildcards(pattern, type)) {
        return true;
      }
    }
    return false;
  }

  private static OptionalInt parseLimit(JsonNode limit) {
    if (limit.isMissingNode() || limit.isNull()) {
      return OptionalInt.empty();
    }
    if (!limit.isIntegralNumber() || limit.asLong() < 1) {
      throw new InvalidFilterException("limit must be an integer above 0");
    }
    return OptionalInt.of((int) Math.min(limit.asLong(), Integer.MAX_VALUE));
  }

  private static boolean isUserId(String value) {
    try {
      new UserId(value);
      return true;
    } catch (InvalidIdException e) {
      return false;
    }
  }

  private static boolean isRoomId(String value) {
    try {
      new RoomId(value);
      return true;
    } catch (InvalidIdException e) {
      return false;
    }
  }
}
