package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.jspecify.annotations.Nullable;

/**
 * One event of a room as servers exchange it, with its id and room. The JSON is shared and must not
 * be changed; accessors assume that the format was checked ({@code EventFormat}) when it was met.
 *
 * <p>What the rules read again and again is read from the JSON once. Threads may meet here: each
 * finds the same value, and all values are immutable.
 */
public final class Pdu {
  private final EventId id;
  private final RoomId roomId;
  private final ObjectNode json;
  private @Nullable UserId sender;
  private @Nullable List<EventId> authEvents;

  /**
   * The event with this JSON.
   *
   * @param id the event's id (reference hash from room version 3 on)
   * @param roomId its room, also for a version 12 create event whose JSON has no {@code room_id}
   * @param json the PDU, which may be a skeleton: redacted, plus every key that an auth rule reads
   */
  public Pdu(EventId id, RoomId roomId, ObjectNode json) {
    this.id = id;
    this.roomId = roomId;
    this.json = json;
  }

  public EventId id() {
    return id;
  }

  public RoomId roomId() {
    return roomId;
  }

  public ObjectNode json() {
    return json;
  }

  public String type() {
    return json.path("type").asText();
  }

  public Optional<String> stateKey() {
    JsonNode key = json.get("state_key");
    return key == null ? Optional.empty() : Optional.of(key.asText());
  }

  public boolean isState() {
    return json.has("state_key");
  }

  /** Whether this is the state event of this type and key. */
  public boolean is(String type, String stateKey) {
    JsonNode key = json.get("state_key");
    return key != null && key.asText().equals(stateKey) && type().equals(type);
  }

  public UserId sender() {
    UserId known = sender;
    if (known == null) {
      known = new UserId(json.path("sender").asText());
      sender = known;
    }
    return known;
  }

  public ObjectNode content() {
    return json.get("content") instanceof ObjectNode content
        ? content
        : JsonNodeFactory.instance.objectNode();
  }

  public List<EventId> prevEvents() {
    return ids("prev_events");
  }

  public List<EventId> authEvents() {
    List<EventId> known = authEvents;
    if (known == null) {
      known = ids("auth_events");
      authEvents = known;
    }
    return known;
  }

  public long depth() {
    return json.path("depth").asLong();
  }

  /** Milliseconds since 1970, as its server claims. */
  public long originServerTs() {
    return json.path("origin_server_ts").asLong();
  }

  /** Room versions 1 and 2 hold pairs of id and hashes, later ones ids. */
  private List<EventId> ids(String member) {
    JsonNode array = json.path(member);
    List<EventId> ids = new ArrayList<>(array.size());
    for (JsonNode entry : array) {
      ids.add(new EventId(entry.isArray() ? entry.path(0).asText() : entry.asText()));
    }
    return List.copyOf(ids);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Pdu pdu
        && id.equals(pdu.id)
        && roomId.equals(pdu.roomId)
        && json.equals(pdu.json);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, roomId);
  }

  @Override
  public String toString() {
    return id + " of " + roomId + ": " + json;
  }
}
