package org.headrace.core.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.state.TreeNode.Branch;
import org.headrace.core.state.TreeNode.Child;
import org.headrace.core.state.TreeNode.Entry;
import org.headrace.core.state.TreeNode.Leaf;
import org.jspecify.annotations.Nullable;

/**
 * A room's state, a map from state key to event, as an immutable tree whose nodes are named by the
 * hash of what they hold (design D5). A root names a whole state for ever: a change writes the few
 * nodes on its way and shares all others, and two states are compared by skipping what has equal
 * hashes.
 *
 * <p>Shape: a key lies at the SHA-256 of its type and state key, four bits a level. A subtree with
 * at most {@link #LEAF_ENTRIES_MAX} entries is one leaf, a larger one a branch. So the shape, and
 * with it every hash, follows from the entries alone and not from the order in which they came.
 *
 * <p>Decoded nodes are cached by hash, which is always right. One thread.
 */
public final class StateTree {
  /** A subtree with more entries becomes a branch. */
  static final int LEAF_ENTRIES_MAX = 8;

  private static final int CACHED_NODES_MAX = 4096;

  /** The root of the empty state; its node need not be stored. */
  public static final String EMPTY = TreeNode.hash(Leaf.EMPTY.encode());

  private final NodeSource source;
  private final Map<String, TreeNode> cache;

  public StateTree(NodeSource source) {
    this(source, newCache());
  }

  private StateTree(NodeSource source, Map<String, TreeNode> cache) {
    this.source = source;
    this.cache = cache;
  }

  /** A tree over another source that shares this one's cache of decoded nodes. */
  public StateTree over(NodeSource other) {
    return new StateTree(other, cache);
  }

  private static Map<String, TreeNode> newCache() {
    return new LinkedHashMap<>(64, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, TreeNode> eldest) {
        return size() > CACHED_NODES_MAX;
      }
    };
  }

  public Optional<EventId> get(String root, StateKey key) {
    TreeNode node = load(root);
    byte[] path = TreeNode.pathOf(key);
    for (int depth = 0; ; depth++) {
      switch (node) {
        case Leaf leaf -> {
          for (Entry entry : leaf.entries()) {
            if (entry.key().equals(key)) {
              return Optional.of(entry.event());
            }
          }
          return Optional.empty();
        }
        case Branch branch -> {
          Child child = branch.children()[TreeNode.slot(path, depth)];
          if (child == null) {
            return Optional.empty();
          }
          node = load(child.hash());
        }
      }
    }
  }

  public int size(String root) {
    return load(root).size();
  }

  /** The whole state, by type and state key. */
  public SortedMap<StateKey, EventId> entries(String root) {
    TreeMap<StateKey, EventId> entries = new TreeMap<>();
    collect(load(root), entry -> entries.put(entry.key(), entry.event()));
    return entries;
  }

  public String put(String root, StateKey key, EventId event, NodeSink sink) {
    return update(root, Map.of(key, Optional.of(event)), sink);
  }

  public String remove(String root, StateKey key, NodeSink sink) {
    return update(root, Map.of(key, Optional.empty()), sink);
  }

  /**
   * The root of the state with these entries set or, if empty, removed; only final nodes are
   * written.
   */
  public String update(String root, Map<StateKey, Optional<EventId>> changes, NodeSink sink) {
    if (changes.isEmpty()) {
      return root;
    }
    List<Change> list = new ArrayList<>(changes.size());
    changes.forEach((key, event) -> list.add(new Change(key, event, TreeNode.pathOf(key))));
    list.sort((a, b) -> a.key().compareTo(b.key()));
    TreeNode before = load(root);
    TreeNode after = update(before, list, 0, sink);
    return after.equals(before) ? root : store(after, sink);
  }

  /** Where two states differ, by type and state key; equal subtrees are not looked at. */
  public List<StateDifference> diff(String left, String right) {
    return diff(left, right, Integer.MAX_VALUE);
  }

  /**
   * Some of the differences, {@code max} at most, by type and state key: the same ones for the same
   * states, and no more of the trees is read than they take. Who applies them and asks again comes
   * to the other state.
   */
  public List<StateDifference> diff(String left, String right, int max) {
    List<StateDifference> differences = new ArrayList<>();
    if (!left.equals(right)) {
      diff(load(left), load(right), 0, max, differences);
    }
    List<StateDifference> wanted =
        differences.size() > max ? new ArrayList<>(differences.subList(0, max)) : differences;
    wanted.sort((a, b) -> a.key().compareTo(b.key()));
    return wanted;
  }

  /** A key's new event, or none. */
  private record Change(StateKey key, Optional<EventId> event, byte[] path) {}

  private TreeNode update(TreeNode node, List<Change> changes, int depth, NodeSink sink) {
    return switch (node) {
      case Leaf leaf -> updateLeaf(leaf, changes, depth, sink);
      case Branch branch -> updateBranch(branch, changes, depth, sink);
    };
  }

  private TreeNode updateLeaf(Leaf leaf, List<Change> changes, int depth, NodeSink sink) {
    TreeMap<StateKey, Entry> entries = new TreeMap<>();
    leaf.entries().forEach(entry -> entries.put(entry.key(), entry));
    for (Change change : changes) {
      if (change.event().isPresent()) {
        entries.put(change.key(), new Entry(change.key(), change.event().get(), change.path()));
      } else {
        entries.remove(change.key());
      }
    }
    return build(List.copyOf(entries.values()), depth, sink);
  }

  private TreeNode updateBranch(Branch branch, List<Change> changes, int depth, NodeSink sink) {
    @Nullable Child[] children = branch.children().clone();
    int size = 0;
    for (int slot = 0; slot < TreeNode.FANOUT; slot++) {
      List<Change> own = new ArrayList<>();
      for (Change change : changes) {
        if (TreeNode.slot(change.path(), depth) == slot) {
          own.add(change);
        }
      }
      Child child = children[slot];
      if (!own.isEmpty()) {
        TreeNode before = child == null ? Leaf.EMPTY : load(child.hash());
        TreeNode after = update(before, own, depth + 1, sink);
        if (after.size() == 0) {
          children[slot] = null;
        } else if (!after.equals(before)) {
          children[slot] = new Child(store(after, sink), after.size());
        }
        child = children[slot];
      }
      size += child == null ? 0 : child.size();
    }
    Branch updated = new Branch(children);
    if (size > LEAF_ENTRIES_MAX) {
      return updated;
    }
    // So few are left that one leaf holds them, as if there had never been more.
    List<Entry> entries = new ArrayList<>();
    collect(updated, entries::add);
    entries.sort(Entry.BY_KEY);
    return new Leaf(List.copyOf(entries));
  }

  /** The node for these entries, sorted by key; children are stored, the node itself is not yet. */
  private TreeNode build(List<Entry> entries, int depth, NodeSink sink) {
    if (entries.size() <= LEAF_ENTRIES_MAX || depth >= 2 * 32) {
      return new Leaf(entries);
    }
    @Nullable Child[] children = new @Nullable Child[TreeNode.FANOUT];
    for (int slot = 0; slot < TreeNode.FANOUT; slot++) {
      List<Entry> own = new ArrayList<>();
      for (Entry entry : entries) {
        if (TreeNode.slot(entry.path(), depth) == slot) {
          own.add(entry);
        }
      }
      if (!own.isEmpty()) {
        TreeNode child = build(List.copyOf(own), depth + 1, sink);
        children[slot] = new Child(store(child, sink), child.size());
      }
    }
    return new Branch(children);
  }

  /** Adds differences until there are {@code max} or, by what one leaf holds, a few more. */
  private void diff(
      TreeNode left, TreeNode right, int depth, int max, List<StateDifference> differences) {
    if (left instanceof Leaf leftLeaf && right instanceof Leaf rightLeaf) {
      diff(leftLeaf, rightLeaf, differences);
      return;
    }
    for (int slot = 0; slot < TreeNode.FANOUT && differences.size() < max; slot++) {
      if (left instanceof Branch leftBranch
          && right instanceof Branch rightBranch
          && Objects.equals(leftBranch.children()[slot], rightBranch.children()[slot])) {
        continue;
      }
      diff(part(left, slot, depth), part(right, slot, depth), depth + 1, max, differences);
    }
  }

  private static void diff(Leaf left, Leaf right, List<StateDifference> differences) {
    TreeMap<StateKey, EventId> a = new TreeMap<>();
    left.entries().forEach(entry -> a.put(entry.key(), entry.event()));
    TreeMap<StateKey, EventId> b = new TreeMap<>();
    right.entries().forEach(entry -> b.put(entry.key(), entry.event()));
    a.forEach(
        (key, event) -> {
          EventId other = b.remove(key);
          if (!event.equals(other)) {
            differences.add(new StateDifference(key, event, other));
          }
        });
    b.forEach((key, event) -> differences.add(new StateDifference(key, null, event)));
  }

  /** What lies in a slot of the node; of a leaf, as if it were a branch. */
  private TreeNode part(TreeNode node, int slot, int depth) {
    return switch (node) {
      case Branch branch -> {
        Child child = branch.children()[slot];
        yield child == null ? Leaf.EMPTY : load(child.hash());
      }
      case Leaf leaf ->
          new Leaf(
              leaf.entries().stream()
                  .filter(entry -> TreeNode.slot(entry.path(), depth) == slot)
                  .toList());
    };
  }

  private void collect(TreeNode node, java.util.function.Consumer<Entry> into) {
    switch (node) {
      case Leaf leaf -> leaf.entries().forEach(into);
      case Branch branch -> {
        for (Child child : branch.children()) {
          if (child != null) {
            collect(load(child.hash()), into);
          }
        }
      }
    }
  }

  private TreeNode load(String hash) {
    if (hash.equals(EMPTY)) {
      return Leaf.EMPTY;
    }
    TreeNode cached = cache.get(hash);
    if (cached != null) {
      return cached;
    }
    byte[] bytes = source.node(hash);
    if (bytes == null) {
      throw new DamagedNodeException(hash, "is missing");
    }
    // So a store, also one that was restored, is checked from its roots down by whoever reads it.
    if (!TreeNode.hash(bytes).equals(hash)) {
      throw new DamagedNodeException(hash, "is not what its name says");
    }
    TreeNode node = TreeNode.decode(bytes);
    cache.put(hash, node);
    return node;
  }

  private String store(TreeNode node, NodeSink sink) {
    byte[] bytes = node.encode();
    String hash = TreeNode.hash(bytes);
    if (!hash.equals(EMPTY)) {
      sink.node(hash, bytes);
      cache.put(hash, node);
    }
    return hash;
  }
}
