package org.headrace.stateres.room;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.schema.command.RoomCommand.Backfill;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Takes in history below a gap: what can be reached from the gap's frontier gets places below what
 * is shown, newest first, and changes nothing of the present. States go the other way, from the
 * oldest event up.
 */
final class History {
  /** The rule that a record names where auth events of it are not known. */
  static final String AUTH_EVENTS_RULE = "AUTH_EVENTS_MISSING";

  /** The rule that a record names of a create event which is not the room's. */
  static final String CREATE_RULE = "CREATE_OTHER";

  /** Entries by which all states of one command's records are told. */
  static final int STATE_CHANGES_MAX = 2 * Recorder.STATE_CHANGES_MAX;

  private static final Comparator<Pdu> OLDEST_FIRST =
      Comparator.comparingLong(Pdu::depth).thenComparing(Pdu::id);

  private final RoomStore store;
  private final Resolver resolver;
  private final Recorder recorder;
  private final Receipt receipt;
  private final Reception reception;
  private final Gaps gaps;

  History(
      RoomStore store,
      Resolver resolver,
      Recorder recorder,
      Receipt receipt,
      Reception reception,
      Gaps gaps) {
    this.store = store;
    this.resolver = resolver;
    this.recorder = recorder;
    this.receipt = receipt;
    this.reception = reception;
    this.gaps = gaps;
  }

  List<Output> backfill(Decision decision, Backfill command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Gap gap = store.gap(state, room, command.gapId());
    Head head = store.head(state, room);
    if (gap == null || head == null) {
      return decision.settle(done(0, null));
    }
    if (command.events().size() > RoomLimits.CHUNK_EVENTS_MAX) {
      return decision.refuse(Reception.tooMany());
    }
    RoomVersion version = head.roomVersion();
    List<Pdu> events =
        inOrder(reachable(state, room, gap, offered(state, room, version, command.events())));
    if (events.isEmpty()) {
      Gaps.record(decision, gap.withAsked(null));
      return decision.settle(done(0, command.refusal()));
    }
    Released released = new Released(store, decision);
    for (Pdu event : events) {
      if (event.isState()) {
        // So that orders rise along auth events, although the records go from newest to oldest.
        reception.takeOutlier(decision, version, event.json(), true, released);
      }
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    Optional<String> told =
        Optional.ofNullable(command.stateBefore())
            .flatMap(claimed -> new ClaimedState(store).root(state, room, claimed, computed));
    List<Candidate> candidates = judge(state, room, version, events, told, computed);
    if (candidates.isEmpty()) {
      Gaps.record(decision, gap.withAsked(null));
      return decision.settle(
          new Outcome.Failed(Failure.BAD_STATE, "the state before the history is not known"));
    }
    int recorded = record(decision, gap, head, version, candidates, computed, released);
    reception.release(decision, version, released);
    return decision.settle(done(recorded, null));
  }

  private static Outcome done(int events, @Nullable String refusal) {
    var result = Json.object().put("events", events);
    return new Outcome.Done(refusal == null ? result : result.put("refusal", refusal));
  }

  /** The events that are new and of the room; those with wrong signatures are dropped. */
  private Map<EventId, Pdu> offered(
      State state, RoomId room, RoomVersion version, List<ReceivedEvent> received) {
    Map<EventId, Pdu> offered = new TreeMap<>();
    for (ReceivedEvent event : received) {
      Incoming.of(event.pdu(), event.signaturesValid(), version, room)
          .taken()
          .filter(pdu -> store.event(state, room, pdu.id()) == null)
          .ifPresent(pdu -> offered.put(pdu.id(), pdu));
    }
    return offered;
  }

  /** Those of the events that the frontier follows, by way of one another. */
  private Map<EventId, Pdu> reachable(
      State state, RoomId room, Gap gap, Map<EventId, Pdu> offered) {
    Map<EventId, Pdu> reached = new TreeMap<>();
    Deque<Pdu> open = new ArrayDeque<>();
    gap.frontier().forEach(event -> open.add(store.requireEvent(state, room, event).pdu()));
    while (!open.isEmpty()) {
      for (EventId prev : open.remove().prevEvents()) {
        Pdu pdu = offered.get(prev);
        if (pdu != null && reached.putIfAbsent(prev, pdu) == null) {
          open.add(pdu);
        }
      }
    }
    return reached;
  }

  /**
   * Each after those that it follows, whatever depths they claim; what is in a circle is left out.
   */
  private static List<Pdu> inOrder(Map<EventId, Pdu> events) {
    Map<EventId, Integer> awaited = new TreeMap<>();
    Map<EventId, List<Pdu>> followers = new TreeMap<>();
    TreeSet<Pdu> ready = new TreeSet<>(OLDEST_FIRST);
    for (Pdu event : events.values()) {
      List<EventId> prevs =
          event.prevEvents().stream().distinct().filter(events::containsKey).toList();
      prevs.forEach(prev -> followers.computeIfAbsent(prev, p -> new ArrayList<>()).add(event));
      awaited.put(event.id(), prevs.size());
      if (prevs.isEmpty()) {
        ready.add(event);
      }
    }
    List<Pdu> ordered = new ArrayList<>();
    for (Pdu next = ready.pollFirst(); next != null; next = ready.pollFirst()) {
      ordered.add(next);
      for (Pdu follower : followers.getOrDefault(next.id(), List.of())) {
        if (awaited.merge(follower.id(), -1, Integer::sum) == 0) {
          ready.add(follower);
        }
      }
    }
    return ordered;
  }

  /**
   * Verdicts and states of events, oldest first. NOTSPEC: the state told of the first counts for
   * whatever predecessors are not held.
   *
   * @return none if a state cannot be made out
   */
  private List<Candidate> judge(
      State state,
      RoomId room,
      RoomVersion version,
      List<Pdu> events,
      Optional<String> told,
      Map<String, byte[]> computed) {
    StateTree tree = store.tree(state, computed);
    Map<EventId, String> after = new TreeMap<>();
    TreeSet<EventId> rejected = new TreeSet<>();
    List<Candidate> candidates = new ArrayList<>();
    for (Pdu event : events) {
      List<String> roots = new ArrayList<>();
      for (EventId prev : event.prevEvents()) {
        KnownEvent known = store.event(state, room, prev);
        Optional<String> root =
            Optional.ofNullable(known == null ? after.get(prev) : known.after()).or(() -> told);
        root.ifPresent(roots::add);
      }
      if (roots.isEmpty() && !event.prevEvents().isEmpty()) {
        return List.of();
      }
      String before = resolver.resolve(state, room, version, roots, null, computed);
      String rule = refusedBy(state, room, version, event, before, rejected, computed);
      if (rule != null) {
        rejected.add(event.id());
        candidates.add(Candidate.refused(event, Verdict.REJECTED, rule, before));
        after.put(event.id(), before);
        continue;
      }
      candidates.add(Candidate.accepted(event, before));
      after.put(
          event.id(),
          event
              .stateKey()
              .map(key -> new StateKey(event.type(), key))
              .map(key -> tree.put(before, key, event.id(), computed::put))
              .orElse(before));
    }
    return candidates;
  }

  private @Nullable String refusedBy(
      State state,
      RoomId room,
      RoomVersion version,
      Pdu event,
      String before,
      TreeSet<EventId> rejected,
      Map<String, byte[]> computed) {
    if (reception.isOtherCreate(state, event)) {
      return CREATE_RULE;
    }
    if (event.authEvents().stream().anyMatch(id -> store.known(state, room, id) == null)) {
      return AUTH_EVENTS_RULE;
    }
    return receipt.checkPast(state, room, version, event, before, rejected, computed)
            instanceof ReceiptResult.Rejected denied
        ? denied.rule().name()
        : null;
  }

  /** Records them newest first, and what is left of the gap; tells how many. */
  private int record(
      Decision decision,
      Gap gap,
      Head head,
      RoomVersion version,
      List<Candidate> candidates,
      Map<String, byte[]> computed,
      Released released) {
    State state = decision.state();
    RoomId room = decision.room();
    StateTree tree = store.tree(state, computed);
    KnownEvent base = store.requireEvent(state, room, gap.bottom());
    long place = gap.ceiling();
    int changesLeft = STATE_CHANGES_MAX;
    List<EventId> recorded = new ArrayList<>();
    for (Candidate candidate : candidates.reversed()) {
      if (place <= gap.floor()) {
        break;
      }
      Candidate event = candidate;
      int changes = tree.diff(base.before(), event.before()).size();
      if (changes > Math.min(changesLeft, Recorder.STATE_CHANGES_MAX)) {
        // NOTSPEC: too far from its neighbours. Their state counts as its own.
        event =
            Candidate.refused(
                event.pdu(), Verdict.REJECTED, Recorder.STATE_CHANGES_RULE, base.before());
        changes = 0;
      }
      changesLeft -= changes;
      if (isInVain(state, version, event, candidates, tree)) {
        event = event.softFailed(Redactions.RULE);
      }
      boolean isShown = event.verdict() == Verdict.ACCEPTED;
      released.expect(event.pdu().id());
      recorder.recordPast(decision, head, version, event, base, isShown ? place : null, computed);
      released.collect();
      recorded.add(event.pdu().id());
      if (isShown) {
        place--;
        base = store.requireEvent(state, room, event.pdu().id());
      }
    }
    boolean isFull = place <= gap.floor();
    List<EventId> frontier =
        isFull
            ? List.of()
            : Stream.concat(gap.frontier().stream(), recorded.stream())
                .filter(event -> gaps.hasMissing(state, room, event))
                .map(event -> store.requireEvent(state, room, event).pdu())
                .sorted(OLDEST_FIRST.reversed())
                .limit(Gap.FRONTIER_MAX)
                .map(Pdu::id)
                .sorted()
                .toList();
    Gaps.record(decision, new Gap(gap.gapId(), base.id(), frontier, place, gap.floor(), null));
    return recorded.size();
  }

  /** Whether an accepted event is a redaction of a held or a coming one that it may not redact. */
  private boolean isInVain(
      State state, RoomVersion version, Candidate event, List<Candidate> coming, StateTree tree) {
    RoomId room = event.pdu().roomId();
    return event.verdict() == Verdict.ACCEPTED
        && Redactions.isInVain(
            version,
            event.pdu(),
            target ->
                store
                    .notRejected(state, room, target)
                    .or(
                        () ->
                            coming.stream()
                                .filter(other -> other.verdict() == Verdict.ACCEPTED)
                                .map(Candidate::pdu)
                                .filter(other -> other.id().equals(target))
                                .findFirst()),
            store.lookup(state, tree, room, event.before()));
  }
}
