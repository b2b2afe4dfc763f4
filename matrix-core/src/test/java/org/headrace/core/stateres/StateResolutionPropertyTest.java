package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.random.RandomGenerator;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;

/** What holds for every room: generated ones, with forks, of all versions. */
class StateResolutionPropertyTest {
  private static final int SEEDS = 100;
  private static final int STEPS = 40;
  private static final List<UserId> USERS =
      List.of(
          new UserId("@alice:a"), new UserId("@bob:b"), new UserId("@carol:c"),
          new UserId("@dave:a"), new UserId("@eve:b"));

  @Test
  void doesNotDependOnTheOrderOfTheStates() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = grow(random);
          List<SortedMap<StateKey, EventId>> states = someStates(room, random);
          var resolved = StateResolution.resolve(room.version(), states, room);
          Collections.shuffle(states, new Random(random.nextLong()));
          states.add(states.getFirst());
          assertThat(StateResolution.resolve(room.version(), states, room)).isEqualTo(resolved);
        });
  }

  @Test
  void doesNotDependOnBoundedWalks() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = grow(random);
          List<SortedMap<StateKey, EventId>> states = someStates(room, random);
          assertThat(StateResolution.resolve(room.version(), states, unordered(room)))
              .isEqualTo(StateResolution.resolve(room.version(), states, room));
        });
  }

  @Test
  void matchesTheDefinitionsWrittenDownPlainly() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = grow(random);
          List<SortedMap<StateKey, EventId>> states = someStates(room, random);
          PlainDefinitions plain = new PlainDefinitions(room, states);
          assertThat(
                  AuthDifference.of(
                      plain.conflictedByState(),
                      UnconflictedState.of(plain.unconflicted()),
                      room))
              .isEqualTo(plain.authDifference());
          assertThat(new AuthGraph(room).subgraph(plain.conflictedSet()))
              .isEqualTo(plain.subgraph());
        });
  }

  @Test
  void keepsWhatIsNotInConflict() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = grow(random);
          List<SortedMap<StateKey, EventId>> states = someStates(room, random);
          var resolved = StateResolution.resolve(room.version(), states, room);
          assertThat(resolved).containsAllEntriesOf(new PlainDefinitions(room, states).unconflicted());
          assertThat(StateResolution.resolve(room.version(), List.of(resolved, resolved), room))
              .isEqualTo(resolved);
        });
  }

  static List<SortedMap<StateKey, EventId>> someStates(RoomBuilder room, RandomGenerator random) {
    List<Pdu> events = room.events();
    List<SortedMap<StateKey, EventId>> states = new ArrayList<>();
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      states.add(room.stateAfter(events.get(random.nextInt(events.size())).id()));
    }
    return states;
  }

  /** A room whose users do what they may, or may not, here and there in its history. */
  static RoomBuilder grow(RandomGenerator random) {
    List<RoomVersion> versions = RoomVersion.supportedStable();
    RoomVersion version = versions.get(random.nextInt(versions.size()));
    RoomBuilder room = RoomBuilder.publicRoom(version, USERS.getFirst());
    for (int i = 0; i < STEPS; i++) {
      step(room, random);
    }
    return room;
  }

  private static void step(RoomBuilder room, RandomGenerator random) {
    UserId sender = USERS.get(random.nextInt(USERS.size()));
    UserId target = USERS.get(random.nextInt(USERS.size()));
    RoomBuilder.Draft draft = room.draft();
    if (random.nextInt(3) == 0) {
      List<Pdu> accepted = room.events().stream().filter(e -> !room.isRejected(e.id())).toList();
      int from = Math.max(0, accepted.size() - 12);
      EventId one = accepted.get(random.nextInt(from, accepted.size())).id();
      EventId two = accepted.get(random.nextInt(from, accepted.size())).id();
      draft = one.equals(two) ? room.at(one) : room.at(one, two);
    }
    if (random.nextInt(4) == 0) {
      draft.time(1_700_000_000_000L + random.nextInt(50_000));
    }
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> draft.member(sender, sender, "join");
      case 3 -> draft.member(sender, target, "leave");
      case 4 -> draft.member(sender, target, "ban");
      case 5 -> draft.member(sender, target, "invite");
      case 6 -> {
        ObjectNode levels = Json.object();
        ObjectNode users = levels.putObject("users");
        if (!room.version().auth().privilegedCreators()) {
          users.put(USERS.getFirst().value(), 100);
        }
        for (UserId user : USERS.subList(1, USERS.size())) {
          if (random.nextBoolean()) {
            users.put(user.value(), 50 * random.nextInt(3));
          }
        }
        draft.state(sender, "m.room.power_levels", "", levels);
      }
      case 7 -> {
        String rule = random.nextBoolean() ? "public" : "invite";
        draft.state(sender, "m.room.join_rules", "", Json.object().put("join_rule", rule));
      }
      default ->
          draft.state(
              sender, "m.room.topic", "", Json.object().put("topic", "t" + random.nextInt()));
    }
  }

  private static EventSource unordered(RoomBuilder room) {
    return new EventSource() {
      @Override
      public Pdu event(EventId id) {
        return room.event(id);
      }

      @Override
      public boolean isRejected(EventId id) {
        return room.isRejected(id);
      }
    };
  }

  @Test
  void generatedRoomsAreWorthTheTest() {
    // The generator must make what the properties are about: conflicts, differences, subgraphs.
    int[] differences = new int[1];
    int[] subgraphs = new int[1];
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = grow(random);
          PlainDefinitions plain = new PlainDefinitions(room, someStates(room, random));
          differences[0] += plain.authDifference().isEmpty() ? 0 : 1;
          subgraphs[0] += plain.subgraph().equals(plain.conflictedSet()) ? 0 : 1;
        });
    if (Long.getLong("headrace.seed") == null) {
      assertThat(differences[0]).isGreaterThan(SEEDS / 3);
      assertThat(subgraphs[0]).isGreaterThan(0);
    }
  }
}
