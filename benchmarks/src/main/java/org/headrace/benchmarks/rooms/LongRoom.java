package org.headrace.benchmarks.rooms;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The history of a busy public room: one event in five changes the state, mostly members that join,
 * change their names or leave, the rest are messages. Every hundred events two people write at the
 * same time, one of them a change of state, and the next event merges the two.
 */
final class LongRoom {
  private static final UserId ADMIN = new UserId("@admin:example.org");
  private static final long BEGINNING_MILLIS = 1_700_000_000_000L;
  private static final int STATE_EVERY = 5;
  private static final int TOPIC_EVERY = 250;
  private static final int FORK_EVERY = 100;

  private final RoomVersion version;
  private final List<Pdu> events = new ArrayList<>();
  private final Map<StateKey, EventId> state = new TreeMap<>();
  private final List<UserId> members = new ArrayList<>();
  private List<EventId> tips = List.of();

  LongRoom(RoomVersion version, int count) {
    this.version = version;
    create();
    add(tips, ADMIN, "m.room.member", ADMIN.value(), membership("join", "admin"));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!version.auth().privilegedCreators()) {
      users.put(ADMIN.value(), 100);
    }
    add(tips, ADMIN, "m.room.power_levels", "", levels);
    add(tips, ADMIN, "m.room.join_rules", "", Json.object().put("join_rule", "public"));
    while (events.size() < count - 1) {
      step(events.size());
    }
    message(tips, ADMIN);
  }

  List<Pdu> events() {
    return events;
  }

  private void step(int i) {
    if (i % TOPIC_EVERY == 0) {
      add(tips, ADMIN, "m.room.topic", "", Json.object().put("topic", "topic " + i));
    } else if (i % FORK_EVERY == 1) {
      List<EventId> before = tips;
      EventId one = member(before, i);
      EventId two = message(before, ADMIN);
      tips = List.of(one, two);
    } else if (i % STATE_EVERY == 0) {
      member(tips, i);
    } else {
      message(tips, members.isEmpty() ? ADMIN : members.get(i % members.size()));
    }
  }

  private EventId member(List<EventId> prev, int i) {
    int kind = i % 4;
    if (kind < 2 || members.size() < 10) {
      UserId user = new UserId("@member" + i + ":s" + i % 97 + ".example.org");
      members.add(user);
      return add(prev, user, "m.room.member", user.value(), membership("join", "member " + i));
    }
    UserId user = members.get(i * 31 % members.size());
    if (kind == 2) {
      return add(prev, user, "m.room.member", user.value(), membership("join", "renamed " + i));
    }
    members.remove(user);
    return add(prev, user, "m.room.member", user.value(), membership("leave", "gone"));
  }

  private EventId message(List<EventId> prev, UserId sender) {
    ObjectNode content = Json.object().put("msgtype", "m.text").put("body", "b" + events.size());
    return add(prev, sender, "m.room.message", Optional.empty(), content);
  }

  private static ObjectNode membership(String membership, String name) {
    return Json.object().put("membership", membership).put("displayname", name);
  }

  private void create() {
    ObjectNode content = Json.object().put("room_version", version.id());
    if (version.auth().creatorInContent()) {
      content.put("creator", ADMIN.value());
    }
    ObjectNode json = pdu(ADMIN, "m.room.create", Optional.of(""), content);
    if (!version.events().roomIdFromCreate()) {
      json.put("room_id", "!room:" + ADMIN.server());
    }
    json.putArray("prev_events");
    json.putArray("auth_events");
    keep(json);
  }

  private EventId add(
      List<EventId> prev, UserId sender, String type, String stateKey, ObjectNode content) {
    return add(prev, sender, type, Optional.of(stateKey), content);
  }

  private EventId add(
      List<EventId> prev,
      UserId sender,
      String type,
      Optional<String> stateKey,
      ObjectNode content) {
    ObjectNode json = pdu(sender, type, stateKey, content);
    json.put("room_id", events.getFirst().roomId().value());
    ArrayNode prevEvents = json.putArray("prev_events");
    prev.forEach(id -> prevEvents.add(id.value()));
    ArrayNode auth = json.putArray("auth_events");
    for (StateKey key : AuthTypes.forEvent(version, type, stateKey, sender, content)) {
      EventId id = state.get(key);
      if (id != null) {
        auth.add(id.value());
      }
    }
    return keep(json);
  }

  private ObjectNode pdu(
      UserId sender, String type, Optional<String> stateKey, ObjectNode content) {
    ObjectNode json = Json.object();
    json.put("type", type);
    json.put("sender", sender.value());
    stateKey.ifPresent(key -> json.put("state_key", key));
    json.set("content", content);
    json.put("depth", events.size() + 1);
    json.put("origin_server_ts", BEGINNING_MILLIS + events.size());
    return json;
  }

  private EventId keep(ObjectNode json) {
    Pdu event = EventHashes.pdu(EventHashes.withContentHash(json, version), version);
    events.add(event);
    event.stateKey().ifPresent(key -> state.put(new StateKey(event.type(), key), event.id()));
    tips = List.of(event.id());
    return event.id();
  }
}
