package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.headrace.core.auth.Membership;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.receipt.Extremities;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateDifference;
import org.headrace.core.state.StateTree;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Turns an event with a verdict into its record: the new extremities, the current state after it,
 * and what follows from it (its body, redactions, notes to accounts).
 */
final class Recorder {
  /**
   * Entries in which a record's states may differ from the room's state, so that no record outgrows
   * a topic and no event holds its partition for long (design D6).
   */
  static final int STATE_CHANGES_MAX = 5000;

  /** Events above missing history that are looked at for one event. */
  private static final int FOLLOWERS_MAX = 200;

  /** Predecessors of those that are looked at. */
  private static final int FOLLOWED_MAX = 500;

  /** The rule that a record names where that limit was met. */
  static final String STATE_CHANGES_RULE = ReceiptRule.Limit.STATE_CHANGES_MAX.name();

  private final RoomStore store;
  private final Resolver resolver;
  private final Bodies bodies;

  Recorder(RoomStore store, Resolver resolver, Bodies bodies) {
    this.store = store;
    this.resolver = resolver;
    this.bodies = bodies;
  }

  /**
   * Records the event, and tells the verdict with which it was.
   *
   * @param head the room's head, null for a create event
   * @param computed tree nodes that the decision computed, which are not in the store yet
   */
  Verdict record(
      Decision decision,
      @Nullable Head head,
      RoomVersion version,
      Candidate event,
      Map<String, byte[]> computed) {
    State state = decision.state();
    RoomId room = decision.room();
    Position at = decision.next();
    Pdu pdu = event.pdu();
    EventSkeleton.Split split = EventSkeleton.split(pdu.json(), version);
    StateTree tree = store.tree(state, computed);
    String currentBefore = head == null ? StateTree.EMPTY : head.root();
    String after = event.before();
    if (pdu.isState() && event.verdict() != Verdict.REJECTED) {
      StateKey key = new StateKey(pdu.type(), pdu.stateKey().orElseThrow());
      after = tree.put(event.before(), key, pdu.id(), computed::put);
    }
    KnownEvent pending =
        KnownEvent.decided(
            pdu.id(),
            room,
            at,
            event.verdict(),
            event.before(),
            after,
            split.skeleton(),
            store.outlierBefore(state, room, pdu),
            false);
    List<Head.Tip> tipsBefore = head == null ? List.of() : head.tips();
    List<Head.Tip> tips = nextTips(state, version, tipsBefore, pending);
    // In states a rejected event is what it was as an outlier.
    KnownEvent inStates = event.verdict() == Verdict.REJECTED ? null : pending;
    String current =
        tips.equals(tipsBefore)
            ? currentBefore
            : resolver.resolve(state, room, version, roots(tips), inStates, computed);
    StateView currentView = view(tree, currentBefore, current);
    if (currentView.changes().size() > STATE_CHANGES_MAX) {
      if (event.verdict() == Verdict.ACCEPTED) {
        return record(decision, head, version, event.softFailed(STATE_CHANGES_RULE), computed);
      }
      tips = tipsBefore;
      currentView = view(tree, currentBefore, currentBefore);
    }
    Bodies.Story body = bodies.of(state, event, split.body());
    RoomRecord.EventDecided record =
        new RoomRecord.EventDecided(
            at,
            room,
            decision.command().id(),
            false,
            pdu.id(),
            version.id(),
            split.skeleton(),
            body.isThere(),
            event.verdict(),
            event.rule(),
            event.before().equals(currentBefore) ? null : view(tree, currentBefore, event.before()),
            currentView,
            tips.stream().map(Head.Tip::event).sorted().toList(),
            event.verdict() == Verdict.ACCEPTED ? at.packed() : null,
            event.sentBy(),
            event.relayAs(),
            body.since());
    StateLookup membersBefore = store.lookup(state, tree, room, currentBefore);
    decision.add(record);
    body.follow(decision, pdu.id());
    noteMemberships(decision, pdu, at, currentView, membersBefore);
    redact(decision, version, event.pdu(), event.verdict());
    return event.verdict();
  }

  /** Records an event that is known by its auth events alone. */
  void recordOutlier(
      Decision decision, RoomVersion version, Pdu pdu, Verdict verdict, @Nullable String rule) {
    EventSkeleton.Split split = EventSkeleton.split(pdu.json(), version);
    boolean hasBody = bodies.comes(decision.state(), verdict, pdu, split.body());
    decision.add(
        new RoomRecord.OutlierDecided(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            pdu.id(),
            version.id(),
            split.skeleton(),
            hasBody,
            verdict,
            rule));
    if (hasBody) {
      Bodies.put(decision, pdu.id(), split.body());
    }
    redact(decision, version, pdu, verdict);
  }

  /**
   * Records an event of the past: it has a place, or none if it is not shown, and changes nothing
   * of the present.
   *
   * @param base the event against whose state before it the state before this one is told
   */
  void recordPast(
      Decision decision,
      Head head,
      RoomVersion version,
      Candidate event,
      KnownEvent base,
      @Nullable Long place,
      Map<String, byte[]> computed) {
    State state = decision.state();
    Pdu pdu = event.pdu();
    EventSkeleton.Split split = EventSkeleton.split(pdu.json(), version);
    StateTree tree = store.tree(state, computed);
    Bodies.Story body = bodies.of(state, event, split.body());
    StateView before = view(tree, base.before(), event.before());
    decision.add(
        new RoomRecord.EventDecided(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            pdu.id(),
            version.id(),
            split.skeleton(),
            body.isThere(),
            event.verdict(),
            event.rule(),
            new StateView(before.root(), before.changes(), base.id()),
            new StateView(head.root(), List.of()),
            head.tips().stream().map(Head.Tip::event).sorted().toList(),
            place,
            null,
            null,
            body.since()));
    body.follow(decision, pdu.id());
    redact(decision, version, pdu, event.verdict());
  }

  /**
   * Moves the current state towards another root by so many entries at most; whether it is there.
   */
  boolean moveState(Decision decision, Head head, String to, int changesMax) {
    State state = decision.state();
    RoomId room = decision.room();
    StateTree tree = store.tree(state);
    List<StateChange> changes = changes(tree.diff(head.root(), to, changesMax));
    if (changes.isEmpty()) {
      return true;
    }
    Map<StateKey, Optional<EventId>> entries = new TreeMap<>();
    changes.forEach(change -> entries.put(change.key(), Optional.ofNullable(change.eventId())));
    String root = tree.update(head.root(), entries, (hash, bytes) -> {});
    StateView current = new StateView(root, changes);
    Position at = decision.next();
    StateLookup membersBefore = store.lookup(state, tree, room, head.root());
    decision.add(new RoomRecord.StateMoved(at, room, decision.command().id(), false, current));
    noteMemberships(decision, null, at, current, membersBefore);
    return root.equals(to);
  }

  /** Records that a room is none: nothing is its state any more. */
  void undo(Decision decision) {
    State state = decision.state();
    Head head = store.head(state, decision.room());
    if (head == null) {
      return;
    }
    StateTree tree = store.tree(state);
    StateLookup membersBefore = store.lookup(state, tree, decision.room(), head.root());
    StateView nothing = view(tree, head.root(), StateTree.EMPTY);
    Position at = decision.next();
    decision.add(
        new RoomRecord.RoomUndone(at, decision.room(), decision.command().id(), false, nothing));
    noteMemberships(decision, null, at, nothing, membersBefore);
  }

  /**
   * The extremities after an event. An accepted one takes the place of those that it follows,
   * unless one that was shown before follows it. What is not shown only stands between: where one
   * that was shown follows it, those that it follows are none any more. Where ids are given, events
   * may follow each other in circles, and what came first is no follower.
   */
  private List<Head.Tip> nextTips(
      State state, RoomVersion version, List<Head.Tip> tips, KnownEvent event) {
    boolean isShown = event.verdict() == Verdict.ACCEPTED;
    boolean mayBeFollowed = !version.events().idGiven();
    if (!isShown && (tips.size() < 2 || !mayBeFollowed)) {
      return tips;
    }
    StoredEvents events = new StoredEvents(store, state, event.room(), event);
    Set<EventId> superseded = Extremities.superseded(event.pdu(), events);
    List<Head.Tip> next = tips.stream().filter(tip -> !superseded.contains(tip.event())).toList();
    if (!isShown) {
      boolean changes = next.size() < tips.size() && !next.isEmpty();
      return changes && isFollowed(state, event, events) ? next : tips;
    }
    if (!next.isEmpty() && mayBeFollowed && isFollowed(state, event, events)) {
      return next;
    }
    Head.Tip own = new Head.Tip(event.id(), event.pdu().depth(), event.after());
    return Stream.concat(next.stream(), Stream.of(own)).toList();
  }

  /**
   * Whether an event that was shown, with predecessors missing, follows this one. Of those that are
   * too many one is missed, and this event is an extremity until the next here follows it.
   */
  private boolean isFollowed(State state, KnownEvent event, StoredEvents events) {
    List<EventId> followed =
        store.gaps(state, event.room()).stream()
            .flatMap(gap -> gap.frontier().stream())
            .limit(FOLLOWERS_MAX)
            .flatMap(id -> events.event(id).prevEvents().stream())
            .limit(FOLLOWED_MAX)
            .toList();
    return !followed.isEmpty() && Extremities.superseded(followed, events).contains(event.id());
  }

  private static List<String> roots(List<Head.Tip> tips) {
    return tips.stream().map(Head.Tip::after).toList();
  }

  static StateView view(StateTree tree, String from, String to) {
    return new StateView(to, changes(tree.diff(from, to)));
  }

  private static List<StateChange> changes(List<StateDifference> differences) {
    List<StateChange> changes = new ArrayList<>();
    for (StateDifference difference : differences) {
      changes.add(
          new StateChange(
              difference.key().type(), difference.key().stateKey(), difference.right()));
    }
    return changes;
  }

  /** Tells accounts of this deployment that they are now in the room, or no longer (design D12). */
  private void noteMemberships(
      Decision decision,
      @Nullable Pdu pdu,
      Position at,
      StateView current,
      StateLookup membersBefore) {
    for (StateChange change : current.changes()) {
      if (!change.type().equals("m.room.member")) {
        continue;
      }
      UserId user = Residency.userId(change.stateKey());
      RoomId room = decision.room();
      if (user == null || !Residency.isHosted(decision.state(), room, user.server())) {
        continue;
      }
      String before = Membership.of(membersBefore, change.stateKey());
      String after = membership(decision.state(), room, change.eventId());
      boolean joins = after.equals(Membership.JOIN);
      if (joins == before.equals(Membership.JOIN) && (joins || after.equals(before))) {
        continue;
      }
      if (!joins && !after.equals(Membership.LEAVE) && !after.equals(Membership.BAN)) {
        continue;
      }
      JsonNode content =
          pdu != null && pdu.id().equals(change.eventId())
              ? pdu.content()
              : MissingNode.getInstance();
      AccountCommand note =
          new AccountCommand.NoteMembership(
              crossingId(room, at, user.value()),
              decision.command().ts(),
              user,
              room,
              after,
              at,
              joins ? text(content, "displayname") : null,
              joins ? text(content, "avatar_url") : null);
      decision.addBeside(Output.of(Topic.ACCOUNT_COMMANDS, user.value(), note));
    }
  }

  /** The id of a command that a record of a room sends to an account (docs/contract.md). */
  static String crossingId(RoomId room, Position at, String target) {
    return "room:" + room + ":" + at.packed() + ":" + target;
  }

  private String membership(State state, RoomId room, @Nullable EventId member) {
    return member == null
        ? Membership.LEAVE
        : Membership.of(store.requireKnown(state, room, member).pdu());
  }

  private static @Nullable String text(JsonNode content, String field) {
    JsonNode value = content.path(field);
    return value.isTextual() ? value.textValue() : null;
  }

  /**
   * Applies this event if it is a redaction of a known one, or those that waited for it. NOTSPEC:
   * the redaction itself is shown at once, and not only when its target is there too (one that
   * comes in vain was soft-failed: {@link Redactions#isInVain}).
   */
  private void redact(Decision decision, RoomVersion version, Pdu event, Verdict verdict) {
    if (verdict == Verdict.REJECTED) {
      return;
    }
    State state = decision.state();
    RoomId room = decision.room();
    Optional<EventId> target = Redactions.target(event.json(), version);
    KnownEvent own = store.event(state, room, event.id());
    if (target.isPresent() && own != null && verdict == Verdict.ACCEPTED) {
      KnownEvent known = store.known(state, room, target.get());
      if (known != null && !known.isRejected()) {
        redactOne(decision, version, event, known);
      }
    }
    String prefix = RoomKeys.pendingRedactions(room, event.id());
    for (byte[] pending : state.cells(prefix, RoomApply.REDACTIONS_PENDING_MAX).values()) {
      KnownEvent redaction = store.requireEvent(state, room, RoomApply.eventId(pending));
      KnownEvent known = store.requireKnown(state, room, event.id());
      redactOne(decision, version, redaction.pdu(), known);
    }
  }

  private void redactOne(Decision decision, RoomVersion version, Pdu redaction, KnownEvent target) {
    State state = decision.state();
    RoomId room = decision.room();
    if (state.cell(RoomKeys.redaction(room, target.id())) != null) {
      return;
    }
    String before = store.requireEvent(state, room, redaction.id()).before();
    StateLookup lookup = store.lookup(state, store.tree(state), room, before);
    if (!Redactions.applies(version, redaction, target.pdu(), lookup)) {
      return;
    }
    decision.add(
        new RoomRecord.EventRedacted(
            decision.next(), room, decision.command().id(), false, target.id(), redaction.id()));
    Bodies.take(decision, target.id());
  }
}
