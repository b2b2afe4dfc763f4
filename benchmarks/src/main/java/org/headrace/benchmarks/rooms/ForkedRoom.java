package org.headrace.benchmarks.rooms;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
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
import org.headrace.core.state.StateTree;

/**
 * A room with n state entries, nearly all of them members, and two forks that differ in k of them.
 * In one fork k members change their names, some of them twice; in the other every second of them
 * is banned by the creator and the others change their names too.
 */
final class ForkedRoom {
  private static final UserId ADMIN = new UserId("@admin:example.org");
  private static final long BEGINNING_MILLIS = 1_700_000_000_000L;

  /** Every so many of the members change their names twice. */
  private static final int TWICE_EVERY = 5;

  final RoomVersion version;
  final MemoryTree memory = new MemoryTree();

  /** In the order in which they came. */
  final List<Pdu> events = new ArrayList<>();

  private final Map<EventId, Integer> indexes = new HashMap<>();
  private final Map<EventId, String> rootsBefore = new HashMap<>();
  private final Map<StateKey, EventId> common = new TreeMap<>();
  private final String commonRoot;
  private final EventId commonTip;
  final String left;
  final String right;

  ForkedRoom(RoomVersion version, int entries, int differing) {
    this.version = version;
    create();
    addCommon(ADMIN, "m.room.member", ADMIN.value(), Json.object().put("membership", "join"));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!version.auth().privilegedCreators()) {
      users.put(ADMIN.value(), 100);
    }
    addCommon(ADMIN, "m.room.power_levels", "", levels);
    addCommon(ADMIN, "m.room.join_rules", "", Json.object().put("join_rule", "public"));
    for (int i = 0; common.size() < entries; i++) {
      addCommon(member(i), "m.room.member", member(i).value(), named("member " + i));
    }
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    common.forEach((key, event) -> changes.put(key, Optional.of(event)));
    this.commonRoot = memory.tree.update(StateTree.EMPTY, changes, memory::write);
    this.commonTip = events.getLast().id();
    Fork one = new Fork();
    Fork two = new Fork();
    for (int i = 0; i < differing; i++) {
      UserId user = member(i);
      if (i % TWICE_EVERY == 0) {
        one.add(user, user, named("first " + i));
      }
      one.add(user, user, named("left " + i));
      if (i % 2 == 0) {
        two.add(ADMIN, user, Json.object().put("membership", "ban"));
      } else {
        two.add(user, user, named("right " + i));
      }
    }
    this.left = one.root;
    this.right = two.root;
  }

  private static UserId member(int i) {
    return new UserId("@member" + i + ":s" + i % 97 + ".example.org");
  }

  private static ObjectNode named(String name) {
    return Json.object().put("membership", "join").put("displayname", name);
  }

  Pdu event(EventId id) {
    return events.get(index(id));
  }

  int index(EventId id) {
    Integer index = indexes.get(id);
    if (index == null) {
      throw new IllegalStateException("no event " + id);
    }
    return index;
  }

  /** Root of the state before an event of a fork. */
  String rootBefore(EventId id) {
    String root = rootsBefore.get(id);
    if (root == null) {
      throw new IllegalStateException("the state before common events is not kept");
    }
    return root;
  }

  private void create() {
    ObjectNode content = Json.object().put("room_version", version.id());
    if (version.auth().creatorInContent()) {
      content.put("creator", ADMIN.value());
    }
    ObjectNode json = pdu(ADMIN, "m.room.create", "", content);
    if (!version.events().roomIdFromCreate()) {
      json.put("room_id", "!room:" + ADMIN.server());
    }
    json.putArray("prev_events");
    json.putArray("auth_events");
    Pdu create = keep(json);
    common.put(StateKey.CREATE, create.id());
  }

  private void addCommon(UserId sender, String type, String stateKey, ObjectNode content) {
    Pdu event = add(sender, type, stateKey, content, events.getLast().id(), key -> common.get(key));
    common.put(new StateKey(type, stateKey), event.id());
  }

  private Pdu add(
      UserId sender,
      String type,
      String stateKey,
      ObjectNode content,
      EventId prev,
      java.util.function.Function<StateKey, @org.jspecify.annotations.Nullable EventId> state) {
    ObjectNode json = pdu(sender, type, stateKey, content);
    json.put("room_id", events.getFirst().roomId().value());
    json.putArray("prev_events").add(prev.value());
    ArrayNode auth = json.putArray("auth_events");
    for (StateKey key : AuthTypes.forEvent(version, type, Optional.of(stateKey), sender, content)) {
      EventId id = state.apply(key);
      if (id != null) {
        auth.add(id.value());
      }
    }
    return keep(json);
  }

  private ObjectNode pdu(UserId sender, String type, String stateKey, ObjectNode content) {
    ObjectNode json = Json.object();
    json.put("type", type);
    json.put("sender", sender.value());
    json.put("state_key", stateKey);
    json.set("content", content);
    json.put("depth", events.size() + 1);
    json.put("origin_server_ts", BEGINNING_MILLIS + events.size());
    return json;
  }

  private Pdu keep(ObjectNode json) {
    Pdu event = EventHashes.pdu(EventHashes.withContentHash(json, version), version);
    indexes.put(event.id(), events.size());
    events.add(event);
    return event;
  }

  /** One of the two, in the making. */
  private final class Fork {
    private String root = commonRoot;
    private EventId tip = commonTip;

    private void add(UserId sender, UserId target, ObjectNode content) {
      Pdu event =
          ForkedRoom.this.add(
              sender,
              "m.room.member",
              target.value(),
              content,
              tip,
              key -> memory.tree.get(root, key).orElse(null));
      rootsBefore.put(event.id(), root);
      tip = event.id();
      root = memory.tree.put(root, StateKey.member(target.value()), tip, memory::write);
    }
  }
}
