package org.headrace.core.dag;

import java.util.Arrays;
import java.util.List;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.state.StateTree;
import org.jspecify.annotations.Nullable;

/** An event of a room under replay, or one that is only named by others. */
final class DagNode {
  static final DagNode[] NONE = {};

  final EventId id;

  /** The event without what no rule reads; null where it is only named. */
  byte @Nullable [] skeleton;

  boolean redacted;

  /** False where a restricted join lacks the signature that authorises it. */
  boolean authoriserSigned = true;

  DagNode[] prev = NONE;
  DagNode[] auth = NONE;
  long originServerTs;
  long depth;
  @Nullable StateKey key;

  /** Its place among all by create events first, then time, then id. */
  int rank;

  /** How many events were decided when it was, itself included; 0 before. */
  long order;

  @Nullable DagVerdict verdict;

  /** Kept once the event is decided: what is not decided before it never is. */
  private @Nullable List<EventId> authIds;

  String before = StateTree.EMPTY;
  String after = StateTree.EMPTY;

  DagNode(EventId id) {
    this.id = id;
  }

  boolean isPresent() {
    return skeleton != null;
  }

  boolean isDecided() {
    return verdict != null;
  }

  boolean isAccepted() {
    return verdict != null && verdict.isAccepted();
  }

  /** Whether the state after it may be more than what is known. */
  boolean isWhole() {
    return verdict != null && verdict.wholeHistory() && !verdict.undecided();
  }

  boolean isCreate() {
    return StateKey.CREATE.equals(key);
  }

  /** Forgets that it was there: what names it finds it missing. */
  void drop() {
    skeleton = null;
    prev = NONE;
    auth = NONE;
  }

  void forgetVerdict() {
    order = 0;
    verdict = null;
    authIds = null;
    before = StateTree.EMPTY;
    after = StateTree.EMPTY;
  }

  boolean lacksAuthEvents() {
    return Arrays.stream(auth).anyMatch(node -> !node.isDecided());
  }

  /** Its auth events that are decided. */
  List<EventId> authEvents() {
    if (!isDecided()) {
      return decidedAuth();
    }
    if (authIds == null) {
      authIds = decidedAuth();
    }
    return authIds;
  }

  private List<EventId> decidedAuth() {
    return Arrays.stream(auth).filter(DagNode::isDecided).map(node -> node.id).toList();
  }

  boolean lacksPrevEvents() {
    return Arrays.stream(prev).anyMatch(node -> !node.isDecided());
  }
}
