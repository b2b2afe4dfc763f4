package org.headrace.core.dag;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.receipt.CurrentState;
import org.headrace.core.receipt.Extremities;
import org.headrace.core.receipt.PolicyCheck;
import org.headrace.core.receipt.ReceiptChecks;
import org.headrace.core.receipt.ReceiptLimits;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.receipt.ReceivedForm;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.core.stateres.TreeResolution;
import org.jspecify.annotations.Nullable;

/**
 * Decides the events of a room one after another, as a server does that receives them in this
 * order, and keeps the state before and after each.
 *
 * <p>Where history is missing a server would fetch it, or wait. Here an event goes on with what
 * there is, so that part of a room can be studied:
 *
 * <ul>
 *   <li>An event with missing prev events is taken to follow, besides those that are there, the
 *       extremities of smaller depth. Its own auth events say what has changed since: each of them
 *       that is deeper than the entry of that state, or where it has none, takes the entry's place.
 *       That, and all that follows it, is marked as not of whole history; what follows gets its
 *       auth events put in in the same way.
 *   <li>An event with missing auth events is checked with those that are there. If that refuses it,
 *       it is undecided and changes no state, since the missing ones might say otherwise.
 * </ul>
 */
final class DagRun {
  private final RoomVersion version;
  private final RoomId room;
  private final Map<EventId, DagNode> nodes;
  private final Map<String, byte[]> treeNodes = new LinkedHashMap<>();
  private final Map<EventId, ReceiptResult.Dropped> dropped = new TreeMap<>();
  private final List<DagNode> decided = new ArrayList<>();
  private final ReplayedEvents events;
  private final StateTree tree;
  private final TreeResolution resolution;
  private final ReceiptChecks checks;
  private List<DagNode> tips = new ArrayList<>();
  private @Nullable DagNode create;
  private String current = StateTree.EMPTY;

  DagRun(RoomVersion version, RoomId room, Map<EventId, DagNode> nodes) {
    this.version = version;
    this.room = room;
    this.nodes = nodes;
    this.events = new ReplayedEvents(room, nodes);
    this.tree = new StateTree(treeNodes::get);
    this.resolution = new TreeResolution(version, tree, treeNodes::put, events);
    this.checks =
        new ReceiptChecks(
            version, events, tree, resolution, ReceiptLimits.OF_A_REPLAY, PolicyCheck.NONE);
  }

  void decideAll(List<DagNode> order, DagProgress progress) {
    for (DagNode node : order) {
      Pdu pdu = events.event(node.id);
      Optional<ReceiptResult.Dropped> misplaced =
          ReceivedForm.checkPlace(room, create != null, pdu);
      if (misplaced.isPresent()) {
        drop(node, misplaced.get());
      } else {
        decide(node, pdu);
        decided.add(node);
      }
      progress.decided(decided.size());
    }
  }

  void drop(DagNode node, ReceiptResult.Dropped why) {
    dropped.put(node.id, why);
    node.drop();
  }

  private void decide(DagNode node, Pdu pdu) {
    boolean gap = node.lacksPrevEvents();
    List<DagNode> followed = tips;
    if (gap) {
      followed = tips.stream().filter(tip -> tip.depth >= node.depth).toList();
    }
    boolean whole = !gap;
    for (DagNode prev : node.prev) {
      whole &= prev.isWhole();
    }
    CurrentState now = create == null ? null : new CurrentState(ids(followed), current);
    node.before = gap ? stateAcrossGap(node) : checks.stateBefore(now, pdu);
    if (!whole) {
      node.before = withAuthEvents(node, node.before);
    }
    ReceiptResult result = checks.check(now, pdu, node.before, server -> node.authoriserSigned);
    boolean undecided = result.isRejected() && lacksAuthEvents(node);
    DagVerdict verdict = new DagVerdict(result, undecided, whole);
    node.after = node.before;
    if (node.key != null && verdict.changesState()) {
      node.after = tree.put(node.before, node.key, node.id, treeNodes::put);
    }
    node.order = decided.size() + 1L;
    node.verdict = verdict;
    if (verdict.isAccepted()) {
      if (node.isCreate()) {
        create = node;
      }
      SortedSet<EventId> superseded = Extremities.superseded(pdu, events);
      tips = new ArrayList<>(followed);
      tips.removeIf(tip -> superseded.contains(tip.id));
      tips.add(node);
      current = resolution.resolve(tips.stream().map(tip -> tip.after).toList());
    }
  }

  /** The state before an event some of whose prev events are missing. */
  private String stateAcrossGap(DagNode node) {
    List<String> roots = new ArrayList<>();
    for (DagNode prev : node.prev) {
      if (prev.isDecided()) {
        roots.add(prev.after);
      }
    }
    for (DagNode tip : tips) {
      if (tip.depth < node.depth) {
        roots.add(tip.after);
      }
    }
    return resolution.resolve(roots);
  }

  /** The state with what the event's auth events know better. */
  private String withAuthEvents(DagNode node, String root) {
    if (create == null || node.isCreate()) {
      return root;
    }
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    if (tree.get(root, StateKey.CREATE).isEmpty()) {
      changes.put(StateKey.CREATE, Optional.of(create.id));
    }
    for (DagNode auth : node.auth) {
      StateKey key = auth.key;
      if (key == null || !auth.isDecided() || events.isRejected(auth.id)) {
        continue;
      }
      Optional<EventId> present = tree.get(root, key);
      if (present.isEmpty() || events.node(present.get()).depth < auth.depth) {
        changes.put(key, Optional.of(auth.id));
      }
    }
    return tree.update(root, changes, treeNodes::put);
  }

  /** Whether events are missing that authorise this one; from version 12 the create event too. */
  private boolean lacksAuthEvents(DagNode node) {
    return node.lacksAuthEvents() || (!node.isCreate() && createMissing().isPresent());
  }

  /** The create event that the room's id names, if it is not there. */
  Optional<EventId> createMissing() {
    if (!version.auth().createFromRoomId()) {
      return Optional.empty();
    }
    EventId id = new EventId("$" + room.value().substring(1));
    return events.isKnown(id) ? Optional.empty() : Optional.of(id);
  }

  private static List<EventId> ids(List<DagNode> nodes) {
    return nodes.stream().map(node -> node.id).toList();
  }

  List<DagNode> decided() {
    return decided;
  }

  Map<EventId, ReceiptResult.Dropped> dropped() {
    return dropped;
  }

  List<DagNode> tips() {
    return tips;
  }

  String current() {
    return current;
  }

  ReplayedEvents events() {
    return events;
  }

  StateTree tree() {
    return tree;
  }

  TreeResolution resolution() {
    return resolution;
  }

  Map<EventId, DagNode> nodes() {
    return nodes;
  }
}
