package org.headrace.api.event;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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

  private static final Set<String> VISIBILITIES =
      Set.of("world_readable", "shared", "invited", "joined");

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

  /** The user's membership in the state at an event, which a member event is part of. */
  public Optional<String> membership(EventRow row, UserId user) {
    return entry(row, StateKey.member(user.value()))
        .flatMap(event -> value(row.roomId(), event, "membership"));
  }

  /** The room's history visibility after the record at this position. */
  public String historyVisibility(RoomId room, Position at) {
    return visibility(room, state.entry(room, StateKey.HISTORY_VISIBILITY, at));
  }

  /** The room's history visibility in the state at an event. */
  public String historyVisibility(EventRow row) {
    return visibility(row.roomId(), entry(row, StateKey.HISTORY_VISIBILITY));
  }

  /** The room's history visibility before an event. */
  public String historyVisibilityBefore(EventRow row) {
    return visibility(row.roomId(), before(row, StateKey.HISTORY_VISIBILITY));
  }

  /** {@code shared} if there is none, or none that is understood. */
  private String visibility(RoomId room, Optional<EventId> event) {
    return event
        .flatMap(id -> value(room, id, "history_visibility"))
        .filter(VISIBILITIES::contains)
        .orElse("shared");
  }

  /**
   * An entry of the state at an event: for a live one of the room's state as its record left it,
   * for one of the past of the state then.
   */
  public Optional<EventId> entry(EventRow row, StateKey key) {
    if (!row.isBackfilled()) {
      return state.entry(row.roomId(), key, row.position());
    }
    boolean own =
        row.pdu().path("state_key").isTextual()
            && row.pdu().path("state_key").textValue().equals(key.stateKey())
            && row.pdu().path("type").asText().equals(key.type());
    return own ? Optional.of(row.eventId()) : before(row, key);
  }

  /** The whole state at an event, by type and state key. */
  public List<StateView.Entry> all(EventRow row) {
    if (!row.isBackfilled()) {
      return state.all(row.roomId(), row.position());
    }
    SortedMap<StateKey, EventId> all = new TreeMap<>();
    state
        .allBefore(row.roomId(), row.eventId())
        .forEach(entry -> all.put(entry.key(), entry.eventId()));
    if (row.pdu().path("state_key").isTextual()) {
      String type = row.pdu().path("type").asText();
      all.put(new StateKey(type, row.pdu().path("state_key").textValue()), row.eventId());
    }
    return all.entrySet().stream()
        .map(entry -> new StateView.Entry(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** An entry of the state before an event. */
  public Optional<EventId> before(EventRow row, StateKey key) {
    if (row.isBackfilled()) {
      return state.entryBefore(row.roomId(), row.eventId(), key);
    }
    return row.position().packed() <= 0
        ? Optional.empty()
        : state.entry(row.roomId(), key, new Position(row.position().packed() - 1));
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
