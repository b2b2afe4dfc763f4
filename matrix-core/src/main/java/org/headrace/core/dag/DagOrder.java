package org.headrace.core.dag;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * The order of a replay: an event comes after all that it names, and of those that are free at a
 * step the create event, then the oldest, then the one with the smallest id.
 */
final class DagOrder {
  private static final Comparator<DagNode> BY_AGE =
      Comparator.<DagNode, Boolean>comparing(node -> !node.isCreate())
          .thenComparingLong(node -> node.originServerTs)
          .thenComparing(node -> node.id);

  /** By age; an event's index is its rank. */
  private final DagNode[] nodes;

  private DagOrder(Collection<DagNode> all) {
    nodes = all.stream().filter(DagNode::isPresent).sorted(BY_AGE).toArray(DagNode[]::new);
    for (int i = 0; i < nodes.length; i++) {
      nodes[i].rank = i;
    }
  }

  /**
   * Orders the events that are there.
   *
   * @param dropped drops each event that names itself through others, or lies between two that do
   */
  static List<DagNode> of(Collection<DagNode> all, Consumer<DagNode> dropped) {
    DagOrder order = new DagOrder(all);
    List<DagNode> sorted = order.sort();
    if (sorted.size() == order.nodes.length) {
      return sorted;
    }
    List<DagNode> circular = order.circular(sorted);
    circular.forEach(dropped);
    return new DagOrder(all).sort();
  }

  private List<DagNode> sort() {
    int[] waitsFor = new int[nodes.length];
    int[][] dependents = dependents();
    PriorityQueue<Integer> free = new PriorityQueue<>();
    for (DagNode node : nodes) {
      waitsFor[node.rank] = present(node.prev) + present(node.auth);
      if (waitsFor[node.rank] == 0) {
        free.add(node.rank);
      }
    }
    List<DagNode> sorted = new ArrayList<>(nodes.length);
    while (!free.isEmpty()) {
      int rank = free.remove();
      sorted.add(nodes[rank]);
      for (int dependent : dependents[rank]) {
        if (--waitsFor[dependent] == 0) {
          free.add(dependent);
        }
      }
    }
    return sorted;
  }

  /** For each event those that name it, as often as they do. */
  private int[][] dependents() {
    int[] counts = new int[nodes.length];
    for (DagNode node : nodes) {
      named(node).forEach(named -> counts[named.rank]++);
    }
    int[][] dependents = new int[nodes.length][];
    for (int i = 0; i < nodes.length; i++) {
      dependents[i] = new int[counts[i]];
    }
    for (DagNode node : nodes) {
      named(node).forEach(named -> dependents[named.rank][--counts[named.rank]] = node.rank);
    }
    return dependents;
  }

  /** Of those that could not be sorted, what remains when all that nothing waits for has gone. */
  private List<DagNode> circular(List<DagNode> sorted) {
    boolean[] done = new boolean[nodes.length];
    sorted.forEach(node -> done[node.rank] = true);
    int[] dependents = new int[nodes.length];
    for (DagNode node : nodes) {
      if (!done[node.rank]) {
        named(node).forEach(named -> dependents[named.rank]++);
      }
    }
    Deque<DagNode> open = new ArrayDeque<>();
    for (DagNode node : nodes) {
      if (!done[node.rank] && dependents[node.rank] == 0) {
        open.add(node);
      }
    }
    while (!open.isEmpty()) {
      DagNode node = open.remove();
      done[node.rank] = true;
      for (DagNode named : named(node)) {
        if (--dependents[named.rank] == 0 && !done[named.rank]) {
          open.add(named);
        }
      }
    }
    List<DagNode> circular = new ArrayList<>();
    for (DagNode node : nodes) {
      if (!done[node.rank]) {
        circular.add(node);
      }
    }
    return circular;
  }

  private static List<DagNode> named(DagNode node) {
    List<DagNode> named = new ArrayList<>(node.prev.length + node.auth.length);
    add(node.prev, named);
    add(node.auth, named);
    return named;
  }

  private static void add(DagNode[] from, List<DagNode> named) {
    for (DagNode node : from) {
      if (node.isPresent()) {
        named.add(node);
      }
    }
  }

  private static int present(DagNode[] nodes) {
    int count = 0;
    for (DagNode node : nodes) {
      count += node.isPresent() ? 1 : 0;
    }
    return count;
  }
}
