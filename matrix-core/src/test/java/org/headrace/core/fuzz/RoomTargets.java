package org.headrace.core.fuzz;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.EventSource;
import org.headrace.core.stateres.StateResolution;

/** State resolution: no order of the states and no bound of the walks changes what comes out. */
final class RoomTargets {
  private static final int STEPS_MAX = 16;
  private static final int EVENTS_MAX = 24;
  private static final List<String> USERS = List.of("@alice:a", "@bob:b", "@carol:c");
  private static final RoomId ROOM = new RoomId("!e0");

  private RoomTargets() {}

  /** A room as servers make it: what is forbidden is rejected. */
  static void resolution(byte[] input) {
    ByteSource bytes = new ByteSource(input);
    List<RoomVersion> versions = RoomVersion.supportedStable();
    RoomVersion version = versions.get(bytes.nextInt(versions.size()));
    RoomBuilder room;
    try {
      room = RandomRooms.grow(version, bytes, step -> step < STEPS_MAX && !bytes.isExhausted());
    } catch (RoomBuilder.RepeatedEventException e) {
      return;
    }
    ByteSource choice = new ByteSource(input);
    resolvesAlike(version, RandomRooms.someStates(room, choice), room);
  }

  /** Events that may refer to anything, themselves included, in states that hold anything. */
  static void conflicts(byte[] input) {
    ByteSource bytes = new ByteSource(input);
    List<RoomVersion> versions = RoomVersion.supportedStable();
    RoomVersion version = versions.get(bytes.nextInt(versions.size()));
    int count = 2 + bytes.nextInt(EVENTS_MAX - 2);
    Map<EventId, Pdu> events = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Pdu event = event(i, count, version, bytes);
      events.put(event.id(), event);
    }
    List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
    int stateCount = 1 + bytes.nextInt(4);
    for (int i = 0; i < stateCount; i++) {
      SortedMap<StateKey, EventId> state = new TreeMap<>();
      Pdu create = events.get(new EventId("$e0"));
      state.put(StateKey.CREATE, create.id());
      for (Pdu event : events.values()) {
        if (bytes.nextBoolean()) {
          state.put(new StateKey(event.type(), event.stateKey().orElseThrow()), event.id());
        }
      }
      states.add(state);
    }
    int rejected = bytes.nextInt(4);
    resolvesAlike(
        version,
        states,
        new EventSource() {
          @Override
          public Pdu event(EventId id) {
            return events.get(id);
          }

          @Override
          public boolean isRejected(EventId id) {
            return rejected > 0 && id.value().endsWith(String.valueOf(rejected));
          }
        });
  }

  private static Pdu event(int index, int count, RoomVersion version, ByteSource bytes) {
    ObjectNode json = Json.object();
    String sender = USERS.get(bytes.nextInt(USERS.size()));
    String target = USERS.get(bytes.nextInt(USERS.size()));
    ObjectNode content = json.putObject("content");
    switch (index == 0 ? 0 : 1 + bytes.nextInt(5)) {
      case 0 -> {
        content.put("creator", sender);
        json.put("type", "m.room.create").put("state_key", "");
      }
      case 1, 2 -> {
        String membership = List.of("join", "leave", "ban", "invite").get(bytes.nextInt(4));
        content.put("membership", membership);
        json.put("type", "m.room.member").put("state_key", target);
      }
      case 3 -> {
        ObjectNode users = content.putObject("users");
        if (bytes.nextBoolean()) {
          users.put(target, 50 * bytes.nextInt(3));
        }
        json.put("type", "m.room.power_levels").put("state_key", "");
      }
      case 4 -> {
        content.put("join_rule", bytes.nextBoolean() ? "public" : "invite");
        json.put("type", "m.room.join_rules").put("state_key", "");
      }
      default -> json.put("type", "m.room.topic").put("state_key", "");
    }
    json.put("sender", sender)
        .put("depth", bytes.nextInt(8))
        .put("origin_server_ts", bytes.nextInt(8));
    ArrayNode prev = json.putArray("prev_events");
    ArrayNode auth = json.putArray("auth_events");
    if (index > 0) {
      prev.add("$e" + bytes.nextInt(count));
      int references = bytes.nextInt(4);
      for (int i = 0; i < references; i++) {
        auth.add("$e" + bytes.nextInt(count));
      }
      if (!version.auth().createFromRoomId()) {
        auth.add("$e0");
      }
    }
    return new Pdu(new EventId("$e" + index), ROOM, json);
  }

  private static void resolvesAlike(
      RoomVersion version, List<SortedMap<StateKey, EventId>> states, EventSource events) {
    SortedMap<StateKey, EventId> resolved = StateResolution.resolve(version, states, events);
    Checks.equal(StateResolution.resolve(version, states.reversed(), events), resolved);
    List<SortedMap<StateKey, EventId>> repeated = new ArrayList<>(states);
    repeated.add(states.getFirst());
    Checks.equal(StateResolution.resolve(version, repeated, events), resolved);
    EventSource unordered =
        new EventSource() {
          @Override
          public Pdu event(EventId id) {
            return events.event(id);
          }

          @Override
          public boolean isRejected(EventId id) {
            return events.isRejected(id);
          }
        };
    Checks.equal(StateResolution.resolve(version, states, unordered), resolved);
    states
        .getFirst()
        .forEach(
            (key, id) -> {
              if (states.stream().allMatch(state -> id.equals(state.get(key)))) {
                Checks.equal(resolved.get(key), id);
              }
            });
  }
}
