package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A third server, with one user in the room. What it makes is signed and well-formed, and else as
 * it likes: it follows events long past, names auth events of another state or of none, claims any
 * depth and any time.
 */
final class Liar {
  static final UserId MAL = new UserId("@mal:lies.example");

  private final Random random;
  private final RoomVersion version;
  private final RoomId room;

  Liar(Random random, RoomVersion version, RoomId room) {
    this.random = random;
    this.version = version;
    this.room = room;
  }

  /** An event over what this server knows. */
  Pdu lie(Homeserver of, long now, List<UserId> victims) {
    List<EventId> known =
        of.decided().values().stream()
            .filter(event -> event.verdict() != Verdict.REJECTED)
            .map(event -> event.eventId())
            .toList();
    Set<EventId> prevs = new LinkedHashSet<>(of.extremities());
    if (random.nextInt(3) > 0) {
      prevs.clear();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        prevs.add(pick(known));
      }
    }
    SortedMap<StateKey, EventId> believed =
        of.stateBefore(room, random.nextInt(3) == 0 ? pick(known) : prevs.iterator().next());
    ObjectNode content = Json.object().put("body", "lie " + now).put("topic", "lie " + now);
    return switch (random.nextInt(8)) {
      case 0 -> make(of, "m.room.topic", "", content, prevs, believed, now);
      case 1 -> make(of, "m.room.power_levels", "", levels(victims), prevs, believed, now);
      case 2 ->
          make(
              of,
              "m.room.join_rules",
              "",
              content.put("join_rule", random.nextBoolean() ? "public" : "invite"),
              prevs,
              believed,
              now);
      case 3 -> member(of, MAL, pick(List.of("join", "leave")), prevs, believed, now);
      case 4 -> member(of, pick(victims), pick(List.of("leave", "ban")), prevs, believed, now);
      default -> make(of, "m.room.message", null, content, prevs, believed, now);
    };
  }

  /** A join as honest servers make it. */
  Pdu join(Homeserver of, long now) {
    ObjectNode content = Json.object().put("membership", "join");
    SortedMap<StateKey, EventId> state = of.currentState(room);
    return finish(
        draft("m.room.member", MAL.value(), content, now),
        of,
        new LinkedHashSet<>(of.extremities()),
        authEvents(state, "m.room.member", Optional.of(MAL.value()), content));
  }

  private Pdu member(
      Homeserver of,
      UserId target,
      String membership,
      Set<EventId> prevs,
      SortedMap<StateKey, EventId> believed,
      long now) {
    ObjectNode content = Json.object().put("membership", membership);
    return make(of, "m.room.member", target.value(), content, prevs, believed, now);
  }

  private ObjectNode levels(List<UserId> victims) {
    ObjectNode levels = Json.object().put("state_default", 25 * random.nextInt(3));
    ObjectNode users = levels.putObject("users").put(MAL.value(), 25 * random.nextInt(5));
    victims.forEach(victim -> users.put(victim.value(), 25 * random.nextInt(3)));
    return levels;
  }

  private Pdu make(
      Homeserver of,
      String type,
      @Nullable String stateKey,
      ObjectNode content,
      Set<EventId> prevs,
      SortedMap<StateKey, EventId> believed,
      long now) {
    List<EventId> auths = authEvents(believed, type, Optional.ofNullable(stateKey), content);
    if (!auths.isEmpty() && random.nextInt(10) == 0) {
      auths.remove(random.nextInt(auths.size()));
    }
    return finish(draft(type, stateKey, content, now - random.nextInt(100_000)), of, prevs, auths);
  }

  private List<EventId> authEvents(
      SortedMap<StateKey, EventId> state,
      String type,
      Optional<String> stateKey,
      ObjectNode content) {
    List<EventId> auths = new ArrayList<>();
    for (StateKey key : AuthTypes.forEvent(version, type, stateKey, MAL, content)) {
      Optional.ofNullable(state.get(key)).ifPresent(auths::add);
    }
    return auths;
  }

  private ObjectNode draft(String type, @Nullable String stateKey, ObjectNode content, long ts) {
    ObjectNode json = Json.object().put("type", type).put("room_id", room.value());
    json.put("sender", MAL.value()).put("origin_server_ts", ts);
    if (stateKey != null) {
      json.put("state_key", stateKey);
    }
    json.set("content", content);
    return json;
  }

  private Pdu finish(ObjectNode json, Homeserver of, Set<EventId> prevs, List<EventId> auths) {
    long depth = 0;
    ArrayNode named = json.putArray("prev_events");
    for (EventId prev : prevs) {
      named.add(prev.value());
      long above = Objects.requireNonNull(of.decided().get(prev)).skeleton().path("depth").asLong();
      depth = Math.max(depth, above);
    }
    json.put("depth", random.nextInt(10) == 0 ? random.nextInt(1_000) : depth + 1);
    ArrayNode authorising = json.putArray("auth_events");
    auths.forEach(auth -> authorising.add(auth.value()));
    ObjectNode hashed = EventHashes.withContentHash(json, version);
    hashed.putObject("signatures").putObject(MAL.server().value()).put("ed25519:1", "sig");
    return EventHashes.pdu(hashed, version);
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
