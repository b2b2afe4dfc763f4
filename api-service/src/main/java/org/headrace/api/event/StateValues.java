package org.headrace.api.event;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

/**
 * Single values of a room's state at a position that every visibility check asks for. They are
 * cached by event id: redaction keeps both, so what an event says of them never changes.
 */
@Singleton
public class StateValues {
  /** Values kept; beyond it the cache starts anew. */
  private static final int CACHED_MAX = 200_000;

  private final StateView state;
  private final TimelineView timeline;
  private final Map<EventId, String> values = new ConcurrentHashMap<>();

  @Inject
  public StateValues(StateView state, TimelineView timeline) {
    this.state = state;
    this.timeline = timeline;
  }

  /** The user's membership after the record at this position; empty if there never was one. */
  public Optional<String> membership(RoomId room, UserId user, Position at) {
    return state
        .entry(room, StateKey.member(user.value()), at)
        .flatMap(event -> value(room, event, "membership"));
  }

  /** The membership that this member event makes. */
  public Optional<String> membershipOf(RoomId room, EventId memberEvent) {
    return value(room, memberEvent, "membership");
  }

  /** The room's history visibility after the record at this position; {@code shared} if unset. */
  public String historyVisibility(RoomId room, Position at) {
    return state
        .entry(room, StateKey.HISTORY_VISIBILITY, at)
        .flatMap(event -> value(room, event, "history_visibility"))
        .orElse("shared");
  }

  private Optional<String> value(RoomId room, EventId event, String key) {
    String cached = values.get(event);
    if (cached != null) {
      return Optional.of(cached);
    }
    Optional<String> found =
        timeline
            .event(room, event)
            .map(EventRow::pdu)
            .map(pdu -> pdu.path("content").path(key))
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue);
    found.ifPresent(
        value -> {
          if (values.size() >= CACHED_MAX) {
            values.clear();
          }
          values.put(event, value);
        });
    return found;
  }
}
