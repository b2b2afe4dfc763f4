package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
import org.headrace.schema.command.RoomCommand.JoinEvent;
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

  public Optional<Pdu> find(EventId id) {
    return Optional.ofNullable(events.get(id));
  }

  /** These events and all that authorise them, auth events before those that name them. */
  public Set<EventId> authChain(Collection<EventId> ends) {
    Set<EventId> chain = new LinkedHashSet<>();
    for (EventId end : ends) {
      if (events.containsKey(end)) {
        addWithAuth(end, chain);
      }
    }
    return chain;
  }

  public Pdu pdu(EventId id) {
    return Objects.requireNonNull(events.get(id), "unknown event");
  }

  /**
   * What a server that is asked to let a user join answers: auth chain and state before the join.
   */
  public List<JoinEvent> joinAnswer(Pdu join) {
    SortedMap<StateKey, EventId> state = stateBefore(join.prevEvents());
    List<EventId> ends = new ArrayList<>(state.values());
    ends.addAll(join.authEvents());
    Set<EventId> chain = authChain(ends);
    List<JoinEvent> answer = new ArrayList<>();
    for (EventId event : chain) {
      answer.add(new JoinEvent(pdu(event).json(), true, state.containsValue(event)));
    }
    return answer;
  }

  /** The create event first: from version 12 on no event names it. */
  private void addWithAuth(EventId event, Set<EventId> chain) {
    if (chain.isEmpty()) {
      chain.add(create());
    }
    if (!chain.contains(event)) {
      pdu(event).authEvents().forEach(auth -> addWithAuth(auth, chain));
      chain.add(event);
    }
  }

  private EventId create() {
    return events.values().stream()
        .filter(pdu -> pdu.is("m.room.create", ""))
        .map(Pdu::id)
        .findFirst()
        .orElseThrow();
  }

  private Pdu finish(ObjectNode json, UserId sender) {
    ObjectNode hashed = EventHashes.withContentHash(json, version);
    hashed.putObject("signatures").putObject(sender.server().value()).put("ed25519:1", "sig");
    return EventHashes.pdu(hashed, version);
  }

  /** The state before an event that follows these. */
  public SortedMap<StateKey, EventId> stateBefore(List<EventId> prevEvents) {
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
