package org.headrace.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tree against a sorted map, under seeds. */
class StateTreePropertyTest {
  private final Map<String, byte[]> nodes = new TreeMap<>();
  private final StateTree tree = new StateTree(nodes::get);

  static java.util.stream.LongStream seeds() {
    return java.util.stream.LongStream.range(0, Long.getLong("seeds", 100));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void holdsWhatWasPutInAnyOrder(long seed) {
    Random random = new Random(seed);
    TreeMap<StateKey, EventId> expected = new TreeMap<>();
    String root = StateTree.EMPTY;
    int steps = random.nextInt(300);
    for (int i = 0; i < steps; i++) {
      StateKey key = key(random.nextInt(60));
      if (random.nextInt(3) == 0) {
        expected.remove(key);
        root = tree.remove(root, key, nodes::put);
      } else {
        EventId event = new EventId("$e" + random.nextInt(1000));
        expected.put(key, event);
        root = tree.put(root, key, event, nodes::put);
      }
      assertThat(tree.get(root, key)).isEqualTo(Optional.ofNullable(expected.get(key)));
    }
    assertThat(tree.entries(root)).isEqualTo(expected);
    assertThat(tree.size(root)).isEqualTo(expected.size());

    List<StateKey> shuffled = new ArrayList<>(expected.keySet());
    Collections.shuffle(shuffled, random);
    String other = StateTree.EMPTY;
    for (StateKey key : shuffled) {
      other = tree.put(other, key, expected.get(key), nodes::put);
    }
    assertThat(other).isEqualTo(root);
    Map<StateKey, Optional<EventId>> batch = new TreeMap<>();
    expected.forEach((key, event) -> batch.put(key, Optional.of(event)));
    assertThat(tree.update(StateTree.EMPTY, batch, nodes::put)).isEqualTo(root);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void differsAsTheMapsDo(long seed) {
    Random random = new Random(seed);
    String common = fill(StateTree.EMPTY, random, random.nextInt(500), 400);
    String left = fill(common, random, random.nextInt(30), 400);
    String right = fill(common, random, random.nextInt(30), 400);
    Map<StateKey, EventId> a = tree.entries(left);
    Map<StateKey, EventId> b = tree.entries(right);
    TreeSet<StateKey> keys = new TreeSet<>(a.keySet());
    keys.addAll(b.keySet());
    List<StateDifference> expected = new ArrayList<>();
    for (StateKey key : keys) {
      if (!Optional.ofNullable(a.get(key)).equals(Optional.ofNullable(b.get(key)))) {
        expected.add(new StateDifference(key, a.get(key), b.get(key)));
      }
    }
    assertThat(tree.diff(left, right)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void oneStateBecomesAnotherInSteps(long seed) {
    Random random = new Random(seed);
    String common = fill(StateTree.EMPTY, random, random.nextInt(300), 400);
    String from = random.nextBoolean() ? StateTree.EMPTY : fill(common, random, 40, 400);
    String to = fill(common, random, random.nextInt(200), 400);
    int max = 1 + random.nextInt(50);
    int all = tree.diff(from, to).size();
    int seen = 0;
    String root = from;
    while (!root.equals(to)) {
      List<StateDifference> step = tree.diff(root, to, max);
      assertThat(step).hasSize(Math.min(max, all - seen)).isEqualTo(tree.diff(root, to, max));
      assertThat(tree.diff(root, to)).containsAll(step);
      Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
      step.forEach(difference -> changes.put(difference.key(), right(difference)));
      root = tree.update(root, changes, nodes::put);
      seen += step.size();
    }
    assertThat(seen).isEqualTo(all);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aNodeThatIsNotWhatItsNameSaysIsFound(long seed) {
    Random random = new Random(seed);
    String root = fill(StateTree.EMPTY, random, 1 + random.nextInt(200), 400);
    List<String> reachable = new ArrayList<>();
    new StateTree(
            hash -> {
              reachable.add(hash);
              return nodes.get(hash);
            })
        .entries(root);
    String damaged = reachable.get(random.nextInt(reachable.size()));
    byte[] bytes = nodes.get(damaged).clone();
    bytes[random.nextInt(bytes.length)] ^= 1;
    nodes.put(damaged, bytes);
    assertThatThrownBy(() -> new StateTree(nodes::get).entries(root))
        .isInstanceOf(DamagedNodeException.class)
        .hasMessageContaining(damaged);
  }

  private static Optional<EventId> right(StateDifference difference) {
    return Optional.ofNullable(difference.right());
  }

  @org.junit.jupiter.api.Test
  void aStepTowardsALargeStateReadsFewNodes() {
    String large = fill(StateTree.EMPTY, new Random(1), 20_000, 1_000_000);
    List<String> read = new ArrayList<>();
    StateTree fresh =
        new StateTree(
            hash -> {
              read.add(hash);
              return nodes.get(hash);
            });
    assertThat(fresh.diff(StateTree.EMPTY, large, 100)).hasSize(100);
    assertThat(read).hasSizeLessThan(100);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyRootCanBeReadFromItsNodesAlone(long seed) {
    Random random = new Random(seed);
    String root = fill(StateTree.EMPTY, random, 200, 150);
    StateTree fresh = new StateTree(nodes::get);
    assertThat(fresh.entries(root)).isEqualTo(tree.entries(root));
    for (var node : nodes.entrySet()) {
      assertThat(TreeNode.hash(node.getValue())).isEqualTo(node.getKey());
      assertThat(TreeNode.decode(node.getValue()).encode()).isEqualTo(node.getValue());
    }
  }

  @org.junit.jupiter.api.Test
  void aChangeOfALargeStateWritesFewNodes() {
    Random random = new Random(1);
    String root = fill(StateTree.EMPTY, random, 20_000, 1_000_000);
    List<byte[]> written = new ArrayList<>();
    tree.put(root, key(5), new EventId("$new"), (hash, bytes) -> written.add(bytes));
    assertThat(written).hasSizeBetween(2, 6);
    assertThat(written.stream().mapToInt(bytes -> bytes.length).sum()).isLessThan(2500);
  }

  private String fill(String root, Random random, int puts, int keys) {
    Map<StateKey, Optional<EventId>> batch = new TreeMap<>();
    for (int i = 0; i < puts; i++) {
      batch.put(
          key(random.nextInt(keys)),
          random.nextInt(5) == 0
              ? Optional.empty()
              : Optional.of(new EventId("$e" + random.nextInt(100))));
    }
    return tree.update(root, batch, nodes::put);
  }

  private static StateKey key(int number) {
    return number % 7 == 0
        ? new StateKey("m.type" + number, "")
        : StateKey.member("@user" + number + ":example.org");
  }
}
