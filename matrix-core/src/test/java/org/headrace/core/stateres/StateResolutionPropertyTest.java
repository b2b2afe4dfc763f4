package org.headrace.core.stateres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.junit.jupiter.api.Test;

/** What holds for every room: generated ones, with forks, of all versions. */
class StateResolutionPropertyTest {
  private static final int SEEDS = 100;

  @Test
  void doesNotDependOnTheOrderOfTheStates() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          List<SortedMap<StateKey, EventId>> states = RandomRooms.someStates(room, random);
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
          RoomBuilder room = RandomRooms.grow(random);
          List<SortedMap<StateKey, EventId>> states = RandomRooms.someStates(room, random);
          assertThat(StateResolution.resolve(room.version(), states, unordered(room)))
              .isEqualTo(StateResolution.resolve(room.version(), states, room));
        });
  }

  @Test
  void doesNotDependOnUnconflictedEventsFromBefore() {
    int[] shorter = new int[1];
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          List<SortedMap<StateKey, EventId>> states = RandomRooms.someStates(room, random);
          PlainDefinitions plain = new PlainDefinitions(room, states);
          SortedMap<StateKey, EventId> common = plain.unconflicted();
          UnconflictedState sinceEarliest =
              new UnconflictedState() {
                @Override
                public Optional<EventId> get(StateKey key) {
                  return Optional.ofNullable(common.get(key));
                }

                @Override
                public Iterable<EventId> events() {
                  return common.values();
                }

                @Override
                public Iterable<EventId> eventsAfter(EventId earliest) {
                  List<EventId> prev = room.event(earliest).prevEvents();
                  List<EventId> later = new ArrayList<>(common.values());
                  if (!prev.isEmpty()) {
                    later.removeAll(room.stateBefore(prev).values());
                  }
                  shorter[0] += later.size() < common.size() ? 1 : 0;
                  return later;
                }
              };
          assertThat(fullConflictedSet(plain, sinceEarliest, room))
              .isEqualTo(plain.fullConflictedSet());
        });
    if (Long.getLong("headrace.seed") == null) {
      assertThat(shorter[0]).isGreaterThan(SEEDS / 3);
    }
  }

  @Test
  void matchesTheDefinitionsWrittenDownPlainly() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          List<SortedMap<StateKey, EventId>> states = RandomRooms.someStates(room, random);
          PlainDefinitions plain = new PlainDefinitions(room, states);
          UnconflictedState unconflicted = UnconflictedState.of(plain.unconflicted());
          assertThat(fullConflictedSet(plain, unconflicted, room))
              .isEqualTo(plain.fullConflictedSet());
          SortedSet<EventId> added = new TreeSet<>(plain.conflictedSet());
          added.addAll(
              AuthDifference.beyond(
                  plain.conflictedSet(), plain.conflictedByState(), unconflicted, room));
          assertThat(added).isEqualTo(plain.fullConflictedSet());
          assertThat(new AuthGraph(room).subgraph(plain.conflictedSet()))
              .isEqualTo(plain.subgraph());
        });
  }

  /** What a difference is for; of the conflicted events themselves it may tell any. */
  private static SortedSet<EventId> fullConflictedSet(
      PlainDefinitions plain, UnconflictedState unconflicted, EventSource room) {
    SortedSet<EventId> full = new TreeSet<>(plain.conflictedSet());
    full.addAll(AuthDifference.of(plain.conflictedByState(), unconflicted, room));
    return full;
  }

  @Test
  void keepsWhatIsNotInConflict() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          List<SortedMap<StateKey, EventId>> states = RandomRooms.someStates(room, random);
          var resolved = StateResolution.resolve(room.version(), states, room);
          assertThat(resolved)
              .containsAllEntriesOf(new PlainDefinitions(room, states).unconflicted());
          assertThat(StateResolution.resolve(room.version(), List.of(resolved, resolved), room))
              .isEqualTo(resolved);
        });
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
          RoomBuilder room = RandomRooms.grow(random);
          PlainDefinitions plain = new PlainDefinitions(room, RandomRooms.someStates(room, random));
          differences[0] += plain.authDifference().isEmpty() ? 0 : 1;
          subgraphs[0] += plain.subgraph().equals(plain.conflictedSet()) ? 0 : 1;
        });
    if (Long.getLong("headrace.seed") == null) {
      assertThat(differences[0]).isGreaterThan(SEEDS / 3);
      assertThat(subgraphs[0]).isGreaterThan(0);
    }
  }
}
