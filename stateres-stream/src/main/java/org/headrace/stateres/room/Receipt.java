package org.headrace.stateres.room;

import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Predicate;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.receipt.CurrentState;
import org.headrace.core.receipt.PolicyCheck;
import org.headrace.core.receipt.ReceiptChecks;
import org.headrace.core.receipt.ReceiptLimits;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * The verdict on an event whose auth events are known: the checks on receipt of matrix-core, over a
 * stored room.
 */
final class Receipt {
  private static final ReceiptLimits LIMITS =
      new ReceiptLimits(ReceiptLimits.EXTREMITIES_MAX, Recorder.STATE_CHANGES_MAX);

  /** Signatures are checked where an event comes in. */
  private static final Predicate<ServerName> SIGNED = server -> true;

  private final RoomStore store;
  private final Resolver resolver;

  Receipt(RoomStore store, Resolver resolver) {
    this.store = store;
    this.resolver = resolver;
  }

  /**
   * All checks, for an event that comes now.
   *
   * @param before root of the state before it
   * @param computed takes tree nodes
   */
  Candidate check(
      State state,
      RoomId room,
      @Nullable Head head,
      RoomVersion version,
      Pdu pdu,
      String before,
      Map<String, byte[]> computed) {
    return switch (checks(state, room, version, computed)
        .check(current(head), pdu, before, SIGNED)) {
      case ReceiptResult.Accepted accepted -> {
        Candidate candidate = Candidate.accepted(pdu, before);
        boolean inVain =
            Redactions.isInVain(
                version,
                pdu,
                target -> store.notRejected(state, room, target),
                store.lookup(state, store.tree(state, computed), room, before));
        yield inVain ? candidate.softFailed(Redactions.RULE) : candidate;
      }
      case ReceiptResult.SoftFailed failed ->
          Candidate.refused(pdu, Verdict.SOFT_FAILED, failed.rule().name(), before);
      case ReceiptResult.Rejected rejected -> {
        // NOTSPEC: too far from the room for one record. The room's state counts as its own.
        boolean tooFar = rejected.rule() == ReceiptRule.Limit.STATE_CHANGES_MAX;
        String own = tooFar && head != null ? head.root() : before;
        yield Candidate.refused(pdu, Verdict.REJECTED, rejected.rule().name(), own);
      }
      case ReceiptResult.Dropped dropped ->
          throw new IllegalStateException("dropped after its form was checked");
    };
  }

  /**
   * Checks 4 and 5, which do not depend on when the event comes.
   *
   * @param rejected events that are about to be recorded as such
   */
  ReceiptResult checkPast(
      State state,
      RoomId room,
      RoomVersion version,
      Pdu pdu,
      String before,
      SortedSet<EventId> rejected,
      Map<String, byte[]> computed) {
    return checks(state, room, version, computed).checkPast(pdu, before, rejected, SIGNED);
  }

  /** Check 4 alone, which is all that an outlier passes. */
  ReceiptResult checkAuthEvents(State state, RoomId room, RoomVersion version, Pdu pdu) {
    return checks(state, room, version, Map.of()).checkAuthEvents(pdu, Set.of(), SIGNED);
  }

  /**
   * Root of the state before an event whose predecessors are known.
   *
   * @param computed takes tree nodes
   */
  String stateBefore(
      State state,
      RoomId room,
      @Nullable Head head,
      RoomVersion version,
      Pdu pdu,
      Map<String, byte[]> computed) {
    return checks(state, room, version, computed).stateBefore(current(head), pdu);
  }

  private ReceiptChecks checks(
      State state, RoomId room, RoomVersion version, Map<String, byte[]> computed) {
    StoredEvents events = new StoredEvents(store, state, room, null);
    PolicyCheck policy =
        (pdu, current) ->
            RoomPolicy.of(state, room, current)
                .map(by -> by.recommends(pdu.json(), version))
                .orElse(true);
    return new ReceiptChecks(
        version,
        events,
        store.tree(state, computed),
        resolver.resolution(state, version, events, computed),
        LIMITS,
        policy);
  }

  private static @Nullable CurrentState current(@Nullable Head head) {
    return head == null
        ? null
        : new CurrentState(head.tips().stream().map(Head.Tip::event).toList(), head.root());
  }
}
