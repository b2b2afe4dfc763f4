package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;

/**
 * Events that no honest server makes: what they cost is bounded by how many they are. Each source
 * counts what is read of it and fails beyond a budget.
 */
class HostileRoomsTest {
  private static final String ALICE = "@alice:a";
  private static final RoomId ROOM = new RoomId("!create");
  private static final int CHAIN_EVENTS = 100_000;

  @Test
  void cyclesOfAuthEventsEnd() {
    for (RoomVersion version : List.of(RoomVersion.V2, RoomVersion.V12)) {
      Events events = new Events(200);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      EventId one = events.add("one", "m.room.power_levels", "", levels(1), alice, id("two"));
      EventId two = events.add("two", "m.room.power_levels", "", levels(2), alice, id("three"));
      EventId three = events.add("three", "m.room.power_levels", "", levels(3), alice, one);
      SortedSet<EventId> all = new TreeSet<>(List.of(one, two, three));

      assertThat(new AuthGraph(events).subgraph(all)).containsAll(all);
      assertThat(new AuthGraph(events).reachedWithin(all, all)).isEqualTo(all);
      assertThat(new PowerOrdering(version, events).sort(all)).isEmpty();
      assertThat(new MainlineOrdering(Optional.of(one), events).sort(all)).hasSize(3);
      assertThat(new MainlineOrdering(Optional.of(alice), events).sort(all)).hasSize(3);

      List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
      for (EventId id : all) {
        states.add(events.state(create, alice, id));
      }
      assertThat(StateResolution.resolve(version, states, events.refilled()))
          .containsEntry(StateKey.CREATE, create)
          .containsEntry(StateKey.member(ALICE), alice);
    }
  }

  @Test
  void eventsThatReferToThemselvesEnd() {
    for (RoomVersion version : List.of(RoomVersion.V1, RoomVersion.V2, RoomVersion.V12)) {
      Events events = new Events(200);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      EventId self = events.add("self", "m.room.power_levels", "", levels(1), alice, id("self"));
      EventId topic = events.add("topic", "m.room.topic", "", Json.object(), alice, self);
      EventId other = events.add("other", "m.room.topic", "", Json.object(), alice, id("other"));
      List<SortedMap<StateKey, EventId>> states =
          List.of(events.state(create, alice, self, topic), events.state(create, alice, other));
      assertThat(StateResolution.resolve(version, states, events))
          .containsEntry(StateKey.member(ALICE), alice);
    }
  }

  @Test
  void authChainsOfAnyLengthTakeNoStack() {
    for (RoomVersion version : List.of(RoomVersion.V2, RoomVersion.V12)) {
      Events events = new Events(12L * CHAIN_EVENTS);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      EventId last = events.add("p0", "m.room.power_levels", "", levels(0), alice);
      EventId first = last;
      for (int i = 1; i < CHAIN_EVENTS; i++) {
        last = events.add("p" + i, "m.room.power_levels", "", levels(i % 50), alice, last);
      }
      EventId topic = events.add("topic", "m.room.topic", "", Json.object(), alice, last);
      List<SortedMap<StateKey, EventId>> states =
          List.of(events.state(create, alice, first), events.state(create, alice, last, topic));
      assertThat(StateResolution.resolve(version, states, events))
          .isEqualTo(events.state(create, alice, last, topic));
    }
  }

  /**
   * A chain of which hardly anything is a power event is walked once, not once for each of them.
   */
  @Test
  void powerEventsOnALongChainShareItsWalk() {
    int chain = 20_000;
    Events events = new Events(4L * chain);
    EventId create = events.create(RoomVersion.V2);
    EventId last = events.add("alice", "m.room.member", ALICE, join(), create);
    SortedSet<EventId> power = new TreeSet<>();
    power.add(events.add("p", "m.room.power_levels", "", levels(0), last));
    for (int i = 0; i < chain; i++) {
      last = events.add("m" + i, "m.room.member", ALICE, join(), last);
      if (i >= chain / 2 && i % 10 == 0) {
        power.add(events.add("b" + i, "m.room.member", "@b" + i + ":a", ban(), last));
      }
    }
    assertThat(new PowerOrdering(RoomVersion.V2, events).sort(power)).hasSize(power.size());
  }

  @Test
  void tenThousandStatesAreResolvedAtOnce() {
    int extremities = 10_000;
    for (RoomVersion version : RoomVersion.supportedStable()) {
      Events events = new Events(60L * extremities);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      EventId levels = events.add("levels", "m.room.power_levels", "", levels(0), alice);
      List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
      for (int i = 0; i < extremities; i++) {
        EventId topic = events.add("t" + i, "m.room.topic", "", Json.object(), alice, levels);
        states.add(events.state(create, alice, levels, topic));
      }
      SortedMap<StateKey, EventId> resolved = StateResolution.resolve(version, states, events);
      assertThat(resolved).hasSize(4).containsEntry(StateKey.POWER_LEVELS, levels);
    }
  }

  @Test
  void ancientAndFutureTimesAreOnlyNumbers() {
    long[] times = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE};
    for (RoomVersion version : RoomVersion.supportedStable()) {
      Events events = new Events(1_000);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
      for (long time : times) {
        EventId topic =
            events.add(
                "t" + times.length + "x" + states.size(),
                "m.room.topic",
                "",
                Json.object(),
                json -> json.put("origin_server_ts", time).put("depth", Math.max(0, time)),
                alice);
        states.add(events.state(create, alice, topic));
      }
      SortedMap<StateKey, EventId> resolved = StateResolution.resolve(version, states, events);
      assertThat(resolved.get(new StateKey("m.room.topic", ""))).isEqualTo(id("t5x4"));
      assertThat(StateResolution.resolve(version, states.reversed(), events)).isEqualTo(resolved);
    }
  }

  @Test
  void powerMapsAsLargeAsAnEventAreReadNotMultiplied() {
    int users = 2_000;
    ObjectNode huge = levels(0);
    for (int i = 0; i < users; i++) {
      ((ObjectNode) huge.path("users")).put("@user" + i + ":a", 50);
    }
    for (RoomVersion version : List.of(RoomVersion.V2, RoomVersion.V11, RoomVersion.V12)) {
      Events events = new Events(100_000);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      EventId levels = events.add("levels", "m.room.power_levels", "", huge, alice);
      List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        String user = "@user" + i + ":a";
        EventId ban = events.add("ban" + i, "m.room.member", user, ban(), alice, levels);
        states.add(events.state(create, alice, levels, ban));
      }
      assertThat(StateResolution.resolve(version, states, events)).hasSize(1_003);
    }
  }

  @Test
  void oneIdInManyStatesIsOneEvent() {
    for (RoomVersion version : RoomVersion.supportedStable()) {
      Events events = new Events(100);
      EventId create = events.create(version);
      EventId alice = events.add("alice", "m.room.member", ALICE, join(), create);
      SortedMap<StateKey, EventId> state = events.state(create, alice);
      // Under two keys, as a server could claim it in an answer.
      SortedMap<StateKey, EventId> twice = new TreeMap<>(state);
      twice.put(new StateKey("m.room.topic", ""), alice);
      assertThat(StateResolution.resolve(version, List.of(state, state, twice), events))
          .containsAllEntriesOf(state);
    }
  }

  private static ObjectNode join() {
    return Json.object().put("membership", "join");
  }

  private static ObjectNode ban() {
    return Json.object().put("membership", "ban");
  }

  private static ObjectNode levels(int kick) {
    ObjectNode content = Json.object().put("kick", kick);
    content.putObject("users");
    return content;
  }

  private static EventId id(String name) {
    return new EventId("$" + name);
  }

  /** Events by given ids, all of Alice. */
  private static final class Events implements EventSource {
    private final Map<EventId, Pdu> events = new TreeMap<>();
    private final long budget;
    private boolean aliceHasLevel;
    private long reads;

    Events(long budget) {
      this.budget = budget;
    }

    Events refilled() {
      reads = 0;
      return this;
    }

    EventId create(RoomVersion version) {
      aliceHasLevel = !version.auth().privilegedCreators();
      ObjectNode content = Json.object().put("room_version", version.id()).put("creator", ALICE);
      return add("create", "m.room.create", "", content);
    }

    EventId add(
        String name, String type, String stateKey, ObjectNode content, EventId... authEvents) {
      return add(name, type, stateKey, content, json -> {}, authEvents);
    }

    EventId add(
        String name,
        String type,
        String stateKey,
        ObjectNode content,
        Consumer<ObjectNode> change,
        EventId... authEvents) {
      ObjectNode json =
          Json.object()
              .put("type", type)
              .put("state_key", stateKey)
              .put("sender", ALICE)
              .put("depth", events.size())
              .put("origin_server_ts", events.size());
      if (type.equals("m.room.power_levels") && aliceHasLevel) {
        ((ObjectNode) content.path("users")).put(ALICE, 100);
      }
      json.set("content", content);
      json.putArray("prev_events");
      ArrayNode auth = json.putArray("auth_events");
      for (EventId id : authEvents) {
        auth.add(id.value());
      }
      change.accept(json);
      events.put(id(name), new Pdu(id(name), ROOM, json));
      return id(name);
    }

    SortedMap<StateKey, EventId> state(EventId... ids) {
      SortedMap<StateKey, EventId> state = new TreeMap<>();
      for (EventId id : ids) {
        Pdu event = events.get(id);
        state.put(new StateKey(event.type(), event.stateKey().orElseThrow()), id);
      }
      return state;
    }

    @Override
    public Pdu event(EventId id) {
      assertThat(++reads).as("events read").isLessThanOrEqualTo(budget);
      Pdu event = events.get(id);
      assertThat(event).as("%s", id).isNotNull();
      return event;
    }

    @Override
    public boolean isRejected(EventId id) {
      return false;
    }
  }
}
