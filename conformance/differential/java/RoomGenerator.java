package org.headrace.differential;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;

/**
 * Grows a room from a seed: people of three servers who do what they may, or may not, at the tips
 * of the room or somewhere in its past, with clocks that tie and auth events that are out of date.
 * The same seed gives the same room on every machine.
 */
final class RoomGenerator {
  private static final long BEGINNING_MILLIS = 1_700_000_000_000L;
  private static final int STEPS_MIN = 8;
  private static final int STEPS_MAX = 48;

  /** How many of the latest events a new one may hang on. */
  private static final int REACH = 14;

  private static final int FORKS = 5;
  private static final List<UserId> USERS =
      List.of(
          new UserId("@alice:a"),
          new UserId("@bob:b"),
          new UserId("@carol:c"),
          new UserId("@dave:a"),
          new UserId("@eve:b"),
          new UserId("@frank:c"),
          new UserId("@grace:a"));
  private static final List<String> PROPERTIES =
      List.of(
          "users_default", "events_default", "state_default", "ban", "redact", "kick", "invite");
  private static final List<String> EVENT_TYPES =
      List.of("m.room.power_levels", "m.room.join_rules", "m.room.topic", "m.room.message", "x.y");
  private static final int[] LEVELS = {0, 0, 10, 25, 50, 50, 75, 99, 100, 100, 101, -1};

  private final RandomGenerator random;
  private final Room room;
  private final boolean orderly;
  private long clock = BEGINNING_MILLIS;

  private RoomGenerator(long seed, List<RoomVersion> versions) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.room = new Room(versions.get(random.nextInt(versions.size())));
    this.orderly = random.nextInt(3) > 0;
  }

  /** The room of a seed, of one of these versions. */
  static Room grow(long seed, List<RoomVersion> versions) {
    RoomGenerator generator = new RoomGenerator(seed, versions);
    generator.begin();
    int steps = STEPS_MIN + generator.random.nextInt(STEPS_MAX - STEPS_MIN + 1);
    for (int i = 0; i < steps; i++) {
      generator.step();
    }
    generator.chooseForks();
    return generator.room;
  }

  private void begin() {
    UserId creator = USERS.getFirst();
    ObjectNode content = Json.object();
    if (!room.version.id().equals("1") || random.nextBoolean()) {
      content.put("room_version", room.version.id());
    }
    if (room.version.auth().creatorInContent()) {
      content.put("creator", creator.value());
    }
    if (oneIn(3) && room.version.auth().privilegedCreators()) {
      ArrayNode additional = content.putArray("additional_creators");
      for (UserId user : USERS.subList(1, USERS.size())) {
        if (oneIn(4)) {
          additional.add(user.value());
        }
      }
    }
    if (oneIn(20)) {
      content.put("m.federate", random.nextBoolean());
    }
    room.addCreate(creator, content, clock);
    add(creator, "m.room.member", Optional.of(creator.value()), membership("join"));
    if (!oneIn(12)) {
      ObjectNode levels = Json.object();
      ObjectNode users = levels.putObject("users");
      if (!room.version.auth().privilegedCreators()) {
        users.put(creator.value(), 100);
      }
      if (room.create().content().path("additional_creators").isMissingNode()) {
        users.put(USERS.get(1).value(), level());
        users.put(USERS.get(2).value(), level());
      }
      add(creator, "m.room.power_levels", Optional.of(""), levels);
    }
    if (!oneIn(40)) {
      String rule = oneIn(3) ? joinRule() : "public";
      add(creator, "m.room.join_rules", Optional.of(""), joinRules(rule));
    }
    for (UserId user : USERS.subList(1, 4)) {
      add(user, "m.room.member", Optional.of(user.value()), membership("join"));
    }
  }

  /** Appends at the tips, in good order. */
  private void add(UserId sender, String type, Optional<String> stateKey, ObjectNode content) {
    List<EventId> prev = tips();
    SortedMap<StateKey, EventId> state = room.resolve(prev);
    tick();
    room.add(draft(sender, type, stateKey, content, prev, state, Optional.empty()), state);
  }

  private void step() {
    List<EventId> prev = oneIn(2) ? tips() : somewhere();
    SortedMap<StateKey, EventId> state = room.resolve(prev);
    tick();
    int tries = 4;
    for (int i = 1; i <= tries; i++) {
      Room.Draft draft = action(prev, state);
      if (oneIn(8)) {
        draft = withOtherAuthEvents(draft);
      }
      if (room.judge(draft, state).accepted() || oneIn(8) || (i == tries && oneIn(2))) {
        room.add(draft, state);
        return;
      }
    }
  }

  private void tick() {
    clock += random.nextInt(3) * 1000L;
  }

  /** The accepted events that no accepted event follows; at most four, the latest. */
  private List<EventId> tips() {
    Set<EventId> tips = new LinkedHashSet<>();
    for (int i = 0; i < room.events.size(); i++) {
      if (room.isAccepted(i)) {
        tips.removeAll(room.events.get(i).prevEvents());
        tips.add(room.events.get(i).id());
      }
    }
    List<EventId> all = List.copyOf(tips);
    return all.subList(Math.max(0, all.size() - 4), all.size());
  }

  private List<EventId> accepted() {
    List<EventId> accepted = new ArrayList<>();
    for (int i = 0; i < room.events.size(); i++) {
      if (room.isAccepted(i)) {
        accepted.add(room.events.get(i).id());
      }
    }
    return accepted;
  }

  private List<EventId> somewhere() {
    List<EventId> accepted = accepted();
    List<EventId> recent = accepted.subList(Math.max(0, accepted.size() - REACH), accepted.size());
    Set<EventId> prev = new LinkedHashSet<>();
    int count = 1 + (oneIn(3) ? 1 : 0) + (oneIn(8) ? 1 : 0);
    for (int i = 0; i < count; i++) {
      prev.add(pick(recent));
    }
    return List.copyOf(prev);
  }

  private void chooseForks() {
    List<EventId> tips = tips();
    if (tips.size() > 1) {
      room.forks.add(tips);
    }
    List<EventId> accepted = accepted();
    while (room.forks.size() < FORKS) {
      Set<EventId> fork = new LinkedHashSet<>();
      int count = 2 + (oneIn(3) ? 1 : 0) + (oneIn(6) ? 1 : 0);
      for (int i = 0; i < count; i++) {
        fork.add(pick(accepted));
      }
      room.forks.add(List.copyOf(fork));
    }
  }

  // What people do.

  private Room.Draft action(List<EventId> prev, SortedMap<StateKey, EventId> state) {
    UserId sender = pick(USERS);
    UserId target = pick(USERS);
    return switch (random.nextInt(28)) {
      case 0, 1, 2, 3 -> member(sender, sender, "join", prev, state);
      case 4 -> member(sender, sender, "leave", prev, state);
      case 5, 6 -> member(sender, target, "leave", prev, state);
      case 7, 8, 9 -> member(sender, target, "ban", prev, state);
      case 10, 11 -> member(sender, target, "invite", prev, state);
      case 12 -> member(sender, sender, "knock", prev, state);
      case 13, 14, 15, 16, 17 -> powerLevels(sender, prev, state);
      case 18, 19 ->
          draft(
              sender,
              "m.room.join_rules",
              Optional.of(""),
              joinRules(joinRule()),
              prev,
              state,
              Optional.empty());
      case 20, 21 -> topic(sender, "m.room.topic", "", prev, state);
      case 22 -> topic(sender, "x.y", pick(List.of("", "k", "l", "@bob:b", "@eve:b")), prev, state);
      case 23 -> redaction(sender, prev, state);
      case 24 -> odd(sender, target, prev, state);
      default ->
          draft(
              sender,
              "m.room.message",
              Optional.empty(),
              Json.object().put("body", "m" + random.nextInt(1000)),
              prev,
              state,
              Optional.empty());
    };
  }

  private Room.Draft member(
      UserId sender,
      UserId target,
      String membership,
      List<EventId> prev,
      SortedMap<StateKey, EventId> state) {
    ObjectNode content = membership(membership);
    if (membership.equals("join") && random.nextInt(5) < 2) {
      content.put("join_authorised_via_users_server", pick(USERS).value());
    }
    Optional<String> key = Optional.of(target.value());
    return draft(sender, "m.room.member", key, content, prev, state, Optional.empty());
  }

  /** A change or two to the levels of the state, or new ones. */
  private Room.Draft powerLevels(
      UserId sender, List<EventId> prev, SortedMap<StateKey, EventId> state) {
    EventId current = state.get(StateKey.POWER_LEVELS);
    ObjectNode content =
        current == null || oneIn(12) ? Json.object() : room.event(current).content().deepCopy();
    int changes = 1 + random.nextInt(2);
    for (int i = 0; i < changes; i++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> change(object(content, "users"), pick(USERS).value());
        case 4, 5 -> change(object(content, "events"), pick(EVENT_TYPES));
        case 6 -> change(content, pick(PROPERTIES));
        default -> change(object(content, "notifications"), "room");
      }
    }
    return draft(
        sender, "m.room.power_levels", Optional.of(""), content, prev, state, Optional.empty());
  }

  private static ObjectNode object(ObjectNode content, String name) {
    return content.get(name) instanceof ObjectNode object ? object : content.putObject(name);
  }

  private void change(ObjectNode levels, String key) {
    if (oneIn(5)) {
      levels.remove(key);
    } else if (oneIn(20) && room.version.auth().stringPowerLevels()) {
      levels.put(key, Integer.toString(level()));
    } else {
      levels.put(key, level());
    }
  }

  private Room.Draft topic(
      UserId sender,
      String type,
      String stateKey,
      List<EventId> prev,
      SortedMap<StateKey, EventId> state) {
    ObjectNode content = Json.object().put("topic", "t" + random.nextInt(1000));
    return draft(sender, type, Optional.of(stateKey), content, prev, state, Optional.empty());
  }

  private Room.Draft redaction(
      UserId sender, List<EventId> prev, SortedMap<StateKey, EventId> state) {
    String target = pick(room.events).id().value();
    ObjectNode content = Json.object();
    boolean inContent = room.version.events().redactsInContent();
    if (inContent) {
      content.put("redacts", target);
    }
    return draft(
        sender,
        "m.room.redaction",
        Optional.empty(),
        content,
        prev,
        state,
        inContent ? Optional.empty() : Optional.of(target));
  }

  /** What is rare, or never right. */
  private Room.Draft odd(
      UserId sender, UserId target, List<EventId> prev, SortedMap<StateKey, EventId> state) {
    // From version 12 on a second create event would be another room's.
    int kinds = room.version.events().roomIdFromCreate() ? 5 : 6;
    return switch (random.nextInt(kinds)) {
      case 0 -> member(sender, target, "join", prev, state);
      case 1 -> member(sender, target, "knock", prev, state);
      case 2 -> member(sender, target, "dance", prev, state);
      case 3 -> {
        Optional<String> server = Optional.of(pick(USERS).server().value());
        yield draft(
            sender, "m.room.aliases", server, Json.object(), prev, state, Optional.empty());
      }
      case 5 ->
          draft(
              sender,
              "m.room.create",
              Optional.of(""),
              room.create().content().deepCopy(),
              prev,
              state,
              Optional.empty());
      default ->
          draft(
              sender,
              "m.room.third_party_invite",
              Optional.of(pick(List.of("token1", "token2"))),
              Json.object().put("display_name", "d" + random.nextInt(1000)),
              prev,
              state,
              Optional.empty());
    };
  }

  private static ObjectNode membership(String membership) {
    return Json.object().put("membership", membership);
  }

  private String joinRule() {
    return pick(List.of("public", "public", "invite", "knock", "restricted", "knock_restricted"));
  }

  private static ObjectNode joinRules(String rule) {
    ObjectNode content = Json.object().put("join_rule", rule);
    if (rule.endsWith("restricted")) {
      ObjectNode allow = content.putArray("allow").addObject();
      allow.put("type", "m.room_membership").put("room_id", "!other:a");
    }
    return content;
  }

  private int level() {
    return LEVELS[random.nextInt(LEVELS.length)];
  }

  // Events around it.

  private Room.Draft draft(
      UserId sender,
      String type,
      Optional<String> stateKey,
      ObjectNode content,
      List<EventId> prev,
      SortedMap<StateKey, EventId> state,
      Optional<String> redacts) {
    List<EventId> auth = new ArrayList<>();
    for (StateKey key : AuthTypes.forEvent(room.version, type, stateKey, sender, content)) {
      EventId id = state.get(key);
      if (id != null) {
        auth.add(id);
      }
    }
    long depth = 1 + prev.stream().mapToLong(id -> room.event(id).depth()).max().orElse(0);
    if (!orderly && oneIn(8)) {
      depth = 1 + random.nextInt(room.events.size() + 4);
    }
    long time =
        orderly || !oneIn(4)
            ? clock
            : BEGINNING_MILLIS + 1000L * random.nextInt(room.events.size() + 4);
    return new Room.Draft(sender, type, stateKey, content, prev, auth, depth, time, redacts);
  }

  /** Drops one of the auth events, or takes an earlier one of its kind. */
  private Room.Draft withOtherAuthEvents(Room.Draft draft) {
    if (draft.authEvents().isEmpty()) {
      return draft;
    }
    List<EventId> auth = new ArrayList<>(draft.authEvents());
    int at = random.nextInt(auth.size());
    Pdu chosen = room.event(auth.get(at));
    if (oneIn(4)) {
      auth.remove(at);
    } else {
      List<EventId> others = new ArrayList<>();
      for (Pdu event : room.events) {
        if (event.type().equals(chosen.type()) && event.stateKey().equals(chosen.stateKey())) {
          others.add(event.id());
        }
      }
      auth.set(at, pick(others));
    }
    return new Room.Draft(
        draft.sender(),
        draft.type(),
        draft.stateKey(),
        draft.content(),
        draft.prevEvents(),
        auth,
        draft.depth(),
        draft.time(),
        draft.redacts());
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
