package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.EventSource;
import org.headrace.core.stateres.StateResolution;
import org.jspecify.annotations.Nullable;

/**
 * A room as a server elsewhere sees it: makes events that follow any known ones, with the auth
 * events of the state that it believes in there. It judges nothing, so it also makes what is
 * refused.
 */
public final class ForeignRoom {
  private final RoomVersion version;
  private final SortedMap<EventId, Pdu> events = new TreeMap<>();
  private final SortedMap<EventId, SortedMap<StateKey, EventId>> after = new TreeMap<>();
  private RoomId room = new RoomId("!none");

  public ForeignRoom(RoomVersion version) {
    this.version = version;
  }

  public RoomId room() {
    return room;
  }

  /** The room's create event. */
  public Pdu create(UserId creator, String name) {
    ObjectNode json = Json.object().put("type", "m.room.create").put("state_key", "");
    json.put("sender", creator.value());
    ObjectNode content = json.putObject("content").put("room_version", version.id());
    content.put("nonce", name);
    if (version.auth().creatorInContent()) {
      content.put("creator", creator.value());
    }
    if (!version.events().roomIdFromCreate()) {
      json.put("room_id", "!" + name + ":" + creator.server());
    }
    json.put("depth", 1).put("origin_server_ts", 1);
    json.putArray("prev_events");
    json.putArray("auth_events");
    Pdu pdu = finish(json, creator);
    room = pdu.roomId();
    return learn(pdu);
  }

  /** An event that follows these; null state key: not a state event. */
  public Pdu make(
      UserId sender,
      String type,
      @Nullable String stateKey,
      ObjectNode content,
      List<EventId> prevEvents,
      long ts) {
    ObjectNode json = Json.object().put("type", type).put("room_id", room.value());
    json.put("sender", sender.value());
    if (stateKey != null) {
      json.put("state_key", stateKey);
    }
    if (type.equals("m.room.redaction") && !version.events().redactsInContent()) {
      json.set("redacts", content.get("redacts"));
    }
    json.set("content", content);
    json.put("origin_server_ts", ts);
    long depth = 0;
    ArrayNode prevs = json.putArray("prev_events");
    for (EventId prev : prevEvents) {
      prevs.add(prev.value());
      depth = Math.max(depth, pdu(prev).depth());
    }
    json.put("depth", depth + 1);
    SortedMap<StateKey, EventId> state = stateBefore(prevEvents);
    ArrayNode auths = json.putArray("auth_events");
    for (StateKey key :
        AuthTypes.forEvent(version, type, Optional.ofNullable(stateKey), sender, content)) {
      EventId event = state.get(key);
      if (event != null) {
        auths.add(event.value());
      }
    }
    return learn(finish(json, sender));
  }

  /** Takes in an event that was made by another server. */
  public Pdu learn(Pdu pdu) {
    if (!events.containsKey(pdu.id())) {
      room = pdu.roomId();
      SortedMap<StateKey, EventId> state = stateBefore(pdu.prevEvents());
      pdu.stateKey().ifPresent(key -> state.put(new StateKey(pdu.type(), key), pdu.id()));
      events.put(pdu.id(), pdu);
      after.put(pdu.id(), state);
    }
    return pdu;
  }

  public Pdu pdu(EventId id) {
    return Objects.requireNonNull(events.get(id), "unknown event");
  }

  private Pdu finish(ObjectNode json, UserId sender) {
    ObjectNode hashed = EventHashes.withContentHash(json, version);
    hashed.putObject("signatures").putObject(sender.server().value()).put("ed25519:1", "sig");
    return EventHashes.pdu(hashed, version);
  }

  private SortedMap<StateKey, EventId> stateBefore(List<EventId> prevEvents) {
    List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
    for (EventId prev : prevEvents) {
      states.add(Objects.requireNonNull(after.get(prev), "unknown prev event"));
    }
    if (states.isEmpty()) {
      return new TreeMap<>();
    }
    return new TreeMap<>(
        states.size() == 1
            ? states.getFirst()
            : StateResolution.resolve(version, states, source()));
  }

  private EventSource source() {
    return new EventSource() {
      @Override
      public Pdu event(EventId id) {
        return pdu(id);
      }

      @Override
      public boolean isRejected(EventId id) {
        return false;
      }
    };
  }
}
