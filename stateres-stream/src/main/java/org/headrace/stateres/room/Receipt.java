package org.headrace.stateres.room;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthEvent;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * The verdict on a received event whose prev and auth events are known: checks 4 to 6 of the
 * server-server API ("Checks performed on receipt of a PDU").
 */
final class Receipt {
  /** Forward extremities of a room; an event that would add one more is kept, but not shown. */
  static final int EXTREMITIES_MAX = 50;

  /** The rule that a record names where that limit was met. */
  static final String EXTREMITIES_RULE = "EXTREMITIES_MAX";

  private final RoomStore store;
  private final Resolver resolver;
  private final Recorder recorder;

  Receipt(RoomStore store, Resolver resolver, Recorder recorder) {
    this.store = store;
    this.resolver = resolver;
    this.recorder = recorder;
  }

  /**
   * @param computed takes tree nodes of the state before the event
   */
  Candidate check(
      State state,
      RoomId room,
      @Nullable Head head,
      RoomVersion version,
      Pdu pdu,
      Map<String, byte[]> computed) {
    String before = stateBefore(state, room, head, version, pdu, computed);
    StateTree tree = store.tree(state, computed);
    if (head != null && tree.diff(head.root(), before).size() > Recorder.STATE_CHANGES_MAX) {
      // NOTSPEC: too far from the room for one record. Its own state counts as the room's.
      return new Candidate(pdu, Verdict.REJECTED, Recorder.STATE_CHANGES_RULE, head.root(), null);
    }
    List<AuthEvent> authEvents = new ArrayList<>();
    TreeMap<StateKey, Pdu> authState = new TreeMap<>();
    for (EventId id : pdu.authEvents()) {
      KnownEvent known = store.requireEvent(state, room, id);
      Pdu event = known.pdu();
      authEvents.add(new AuthEvent(event, known.isRejected()));
      event.stateKey().ifPresent(key -> authState.put(new StateKey(event.type(), key), event));
    }
    AuthEvidence evidence = AuthEvidence.ofCreate(create(state, room, version, authState));
    // 4. Passes authorisation rules based on the event's auth events, otherwise it is rejected.
    AuthResult result = AuthRules.checkAuthEvents(version, pdu, authEvents, evidence);
    if (result.isAllowed()) {
      result = AuthRules.checkAgainst(version, pdu, evidence, StateLookup.of(authState));
    }
    // 5. Passes authorisation rules based on the state before the event, otherwise it is rejected.
    if (result.isAllowed()) {
      StateLookup lookup = store.lookup(state, tree, room, before);
      result = AuthRules.checkAgainst(version, pdu, evidence, lookup);
    }
    if (result instanceof AuthResult.Denied denied) {
      return new Candidate(pdu, Verdict.REJECTED, denied.rule().name(), before, null);
    }
    if (head == null) {
      return new Candidate(pdu, Verdict.ACCEPTED, null, before, null);
    }
    // 6. Passes authorisation rules based on the current state of the room, else "soft failed".
    StateLookup current = store.lookup(state, tree, room, head.root());
    if (AuthRules.checkAgainst(version, pdu, evidence, current)
        instanceof AuthResult.Denied denied) {
      return new Candidate(pdu, Verdict.SOFT_FAILED, denied.rule().name(), before, null);
    }
    int tips = recorder.nextTips(state, head.tips(), pdu, before).size();
    return tips > EXTREMITIES_MAX && tips > head.tips().size()
        ? new Candidate(pdu, Verdict.SOFT_FAILED, EXTREMITIES_RULE, before, null)
        : new Candidate(pdu, Verdict.ACCEPTED, null, before, null);
  }

  private String stateBefore(
      State state,
      RoomId room,
      @Nullable Head head,
      RoomVersion version,
      Pdu pdu,
      Map<String, byte[]> computed) {
    List<EventId> prevEvents = pdu.prevEvents();
    if (head != null && isAllTips(head, prevEvents)) {
      return head.root();
    }
    List<String> roots =
        prevEvents.stream().map(event -> store.requireEvent(state, room, event).after()).toList();
    return resolver.resolve(state, room, version, roots, null, computed);
  }

  private static boolean isAllTips(Head head, List<EventId> prevEvents) {
    TreeSet<EventId> tips = new TreeSet<>();
    head.tips().forEach(tip -> tips.add(tip.event()));
    return tips.equals(new TreeSet<>(prevEvents));
  }

  /** The room's create event: from version 12 on its id is the room's. */
  private Optional<Pdu> create(
      State state, RoomId room, RoomVersion version, TreeMap<StateKey, Pdu> authState) {
    if (!version.auth().createFromRoomId()) {
      return Optional.ofNullable(authState.get(StateKey.CREATE));
    }
    EventId id = new EventId("$" + room.value().substring(1));
    return Optional.ofNullable(store.event(state, room, id))
        .filter(event -> !event.isRejected())
        .map(KnownEvent::pdu);
  }
}
