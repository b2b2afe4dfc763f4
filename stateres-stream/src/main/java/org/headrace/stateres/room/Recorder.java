package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.headrace.core.auth.Membership;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
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
   * How many rejected or soft-failed events are walked through to find what an event supersedes.
   */
  private static final int UNSHOWN_WALK_MAX = 100;

  /**
   * Entries in which a record's states may differ from the room's state, so that no record outgrows
   * a topic and no event holds its partition for long (design D6).
   */
  static final int STATE_CHANGES_MAX = 5000;

  /** The rule that a record names where that limit was met. */
  static final String STATE_CHANGES_RULE = "STATE_CHANGES_MAX";

  private final RoomStore store;
  private final Resolver resolver;

  Recorder(RoomStore store, Resolver resolver) {
    this.store = store;
    this.resolver = resolver;
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
    List<Head.Tip> tips = head == null ? List.of() : head.tips();
    String current = currentBefore;
    if (event.verdict() == Verdict.ACCEPTED) {
      tips = nextTips(state, tips, pdu, after);
      KnownEvent pending =
          new KnownEvent(
              pdu.id(),
              room,
              KnownEvent.order(at),
              event.verdict(),
              event.before(),
              after,
              split.skeleton());
      current = resolver.resolve(state, room, version, roots(tips), pending, computed);
    }
    boolean hasBody = event.verdict() != Verdict.REJECTED && !split.body().isEmpty();
    StateView currentView = view(tree, currentBefore, current);
    if (currentView.changes().size() > STATE_CHANGES_MAX) {
      Candidate kept =
          new Candidate(
              pdu, Verdict.SOFT_FAILED, STATE_CHANGES_RULE, event.before(), event.sentBy());
      return record(decision, head, version, kept, computed);
    }
    RoomRecord.EventDecided record =
        new RoomRecord.EventDecided(
            at,
            room,
            decision.command().id(),
            false,
            pdu.id(),
            version.id(),
            split.skeleton(),
            hasBody,
            event.verdict(),
            event.rule(),
            event.before().equals(currentBefore) ? null : view(tree, currentBefore, event.before()),
            currentView,
            tips.stream().map(Head.Tip::event).sorted().toList(),
            event.verdict() == Verdict.ACCEPTED ? at.packed() : null,
            event.sentBy());
    StateLookup membersBefore = store.lookup(state, tree, room, currentBefore);
    decision.add(record);
    if (hasBody) {
      decision.addBeside(Output.of(Topic.ROOM_BODIES, bodyKey(room, pdu.id()), split.body()));
    }
    noteMemberships(decision, pdu, at, currentView, membersBefore);
    redact(decision, version, event);
    return event.verdict();
  }

  static String bodyKey(RoomId room, EventId event) {
    return room + "|" + event;
  }

  /** The extremities after an accepted event: without those that it follows, with itself. */
  List<Head.Tip> nextTips(State state, List<Head.Tip> tips, Pdu pdu, String after) {
    TreeSet<EventId> superseded = new TreeSet<>();
    List<EventId> walk = new ArrayList<>(pdu.prevEvents());
    int walked = 0;
    while (!walk.isEmpty()) {
      EventId prev = walk.removeLast();
      KnownEvent known = superseded.add(prev) ? store.event(state, pdu.roomId(), prev) : null;
      // What is not shown is never an extremity, so it supersedes in the name of who follows it.
      if (known != null && known.verdict() != Verdict.ACCEPTED && walked++ < UNSHOWN_WALK_MAX) {
        walk.addAll(known.pdu().prevEvents());
      }
    }
    List<Head.Tip> next = new ArrayList<>();
    for (Head.Tip tip : tips) {
      if (!superseded.contains(tip.event())) {
        next.add(tip);
      }
    }
    next.add(new Head.Tip(pdu.id(), pdu.depth(), after));
    return next;
  }

  private static List<String> roots(List<Head.Tip> tips) {
    return tips.stream().map(Head.Tip::after).toList();
  }

  private static StateView view(StateTree tree, String from, String to) {
    List<StateChange> changes = new ArrayList<>();
    for (StateDifference difference : tree.diff(from, to)) {
      changes.add(
          new StateChange(
              difference.key().type(), difference.key().stateKey(), difference.right()));
    }
    return new StateView(to, changes);
  }

  /** Tells accounts of this deployment that they are now in the room, or no longer (design D12). */
  private void noteMemberships(
      Decision decision, Pdu pdu, Position at, StateView current, StateLookup membersBefore) {
    for (StateChange change : current.changes()) {
      if (!change.type().equals("m.room.member")) {
        continue;
      }
      UserId user = userId(change.stateKey());
      RoomId room = decision.room();
      if (user == null || decision.state().cell(RoomKeys.server(room, user.server())) == null) {
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
          pdu.id().equals(change.eventId()) ? pdu.content() : MissingNode.getInstance();
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
        : Membership.of(store.requireEvent(state, room, member).pdu());
  }

  private static @Nullable String text(JsonNode content, String field) {
    JsonNode value = content.path(field);
    return value.isTextual() ? value.textValue() : null;
  }

  private static @Nullable UserId userId(String stateKey) {
    try {
      return new UserId(stateKey);
    } catch (InvalidIdException e) {
      return null;
    }
  }

  /**
   * Applies this event if it is a redaction of a known one, or those that waited for it. NOTSPEC:
   * the redaction itself is shown at once, and not only when its target is there too.
   */
  private void redact(Decision decision, RoomVersion version, Candidate event) {
    if (event.verdict() == Verdict.REJECTED) {
      return;
    }
    State state = decision.state();
    RoomId room = decision.room();
    Optional<EventId> target = Redactions.target(event.pdu().json(), version);
    if (target.isPresent() && event.verdict() == Verdict.ACCEPTED) {
      KnownEvent known = store.event(state, room, target.get());
      if (known != null && !known.isRejected()) {
        redactOne(decision, version, event.pdu(), known);
      }
    }
    String prefix = RoomKeys.pendingRedactions(room, event.pdu().id());
    for (byte[] pending : state.cells(prefix, RoomApply.REDACTIONS_PENDING_MAX).values()) {
      KnownEvent redaction = store.requireEvent(state, room, RoomApply.eventId(pending));
      KnownEvent known = store.requireEvent(state, room, event.pdu().id());
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
    decision.addBeside(Output.tombstone(Topic.ROOM_BODIES, bodyKey(room, target.id())));
  }
}
