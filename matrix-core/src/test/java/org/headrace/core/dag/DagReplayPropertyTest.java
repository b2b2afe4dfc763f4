package org.headrace.core.dag;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.junit.jupiter.api.Test;

/** What holds for every room: generated ones, with forks, of all versions. */
class DagReplayPropertyTest {
  private static final int SEEDS = 100;
  private static final int ORDERS = 3;
  private static final int BATCH_MAX = 8;

  /** Events arrive in any order and batches, and wait for what they name; states do not care. */
  @Test
  void everyEventHasOneStateWhateverTheOrderAndTheBatches() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          RoomDag inOrder = RoomDag.of(room.version(), room.events());
          inOrder.replay();
          Map<EventId, String> expected = states(inOrder, room.events());
          for (int i = 0; i < ORDERS; i++) {
            List<Pdu> arriving = new ArrayList<>(room.events());
            Collections.shuffle(arriving, new Random(random.nextLong()));
            RoomDag dag = RoomDag.of(room.version(), arriving);
            DagRun run = dag.newRun();
            arrive(dag, run, arriving, random);
            assertThat(states(dag, room.events())).isEqualTo(expected);
          }
        });
  }

  /** A replay orders for itself, so even soft failures do not depend on the order of lines. */
  @Test
  void aReplayDoesNotDependOnTheOrderOfLines() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          DagReplay one = RoomDag.of(room.version(), room.events()).replay();
          List<Pdu> shuffled = new ArrayList<>(room.events());
          Collections.shuffle(shuffled, new Random(random.nextLong()));
          DagReplay other = RoomDag.of(room.version(), shuffled).replay();
          assertThat(other.order()).isEqualTo(one.order());
          assertThat(other.extremities()).isEqualTo(one.extremities());
          assertThat(other.currentRoot()).isEqualTo(one.currentRoot());
          for (EventId id : one.order()) {
            assertThat(other.verdict(id)).isEqualTo(one.verdict(id));
          }
        });
  }

  /** The trees hold what the plain model holds as maps. */
  @Test
  void everyStateIsThatOfThePlainModel() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          DagReplay replay = RoomDag.of(room.version(), room.events()).replay();
          assertThat(replay.order()).hasSameSizeAs(room.events());
          for (Pdu event : room.events()) {
            EventId id = event.id();
            assertThat(replay.verdict(id).isRejected()).as("%s", id).isEqualTo(room.isRejected(id));
            assertThat(replay.state(replay.rootAfter(id))).isEqualTo(room.stateAfter(id));
          }
        });
  }

  /** Where events are missing, every event that is there still has a verdict. */
  @Test
  void partOfARoomIsReplayedWhole() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          List<Pdu> some = new ArrayList<>(room.events());
          some.removeIf(event -> random.nextInt(5) == 0);
          if (some.isEmpty()) {
            return;
          }
          DagReplay replay = RoomDag.of(room.version(), some).replay();
          assertThat(replay.order()).hasSameSizeAs(some);
          TreeSet<EventId> missing = new TreeSet<>(replay.missingPrevEvents());
          missing.addAll(replay.missingAuthEvents());
          some.forEach(event -> assertThat(missing).doesNotContain(event.id()));
          Collections.shuffle(some, new Random(random.nextLong()));
          DagReplay other = RoomDag.of(room.version(), some).replay();
          assertThat(other.currentRoot()).isEqualTo(replay.currentRoot());
        });
  }

  private static void arrive(RoomDag dag, DagRun run, List<Pdu> arriving, RandomGenerator random) {
    List<Pdu> waiting = new ArrayList<>();
    int next = 0;
    while (next < arriving.size()) {
      int end = Math.min(arriving.size(), next + 1 + random.nextInt(BATCH_MAX));
      waiting.addAll(arriving.subList(next, end));
      next = end;
      List<DagNode> ready = ready(dag, waiting);
      while (!ready.isEmpty()) {
        run.decideAll(ready, decided -> {});
        ready = ready(dag, waiting);
      }
    }
    assertThat(waiting).isEmpty();
  }

  private static List<DagNode> ready(RoomDag dag, List<Pdu> waiting) {
    List<DagNode> ready = new ArrayList<>();
    waiting.removeIf(
        event -> {
          DagNode node = dag.node(event.id());
          boolean free = !node.lacksPrevEvents() && !node.lacksAuthEvents();
          if (free) {
            ready.add(node);
          }
          return free;
        });
    return ready;
  }

  private static Map<EventId, String> states(RoomDag dag, List<Pdu> events) {
    Map<EventId, String> states = new TreeMap<>();
    for (Pdu event : events) {
      DagNode node = dag.node(event.id());
      boolean rejected = node.verdict == null || node.verdict.isRejected();
      states.put(node.id, rejected + " " + node.before + " " + node.after);
    }
    return states;
  }
}
