package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand.ReceiveEvent;
import org.headrace.schema.command.RoomCommand.ReceiveOutliers;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Decides events that were made elsewhere (server-server API, "Checks performed on receipt of a
 * PDU"). One whose prev or auth events are missing waits in the room; when the last of them is
 * decided, so is the one that waited, in the same command. If they do not come for long, it is
 * forgotten. While the room is being joined all wait for the join event.
 */
final class Reception {
  /** Received events of one room that may wait for others; also bounds what one command decides. */
  static final int WAITING_EVENTS_MAX = 500;

  private static final String WAITS = "WAITING";

  private final RoomStore store;
  private final Recorder recorder;
  private final Receipt receipt;
  private final Waiting waiting;
  private final Gaps gaps;

  Reception(RoomStore store, Recorder recorder, Receipt receipt, Waiting waiting, Gaps gaps) {
    this.store = store;
    this.recorder = recorder;
    this.receipt = receipt;
    this.waiting = waiting;
    this.gaps = gaps;
  }

  List<Output> receive(Decision decision, ReceiveEvent command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Head head = store.head(state, room);
    RoomVersion version = head == null ? versionOf(command.pdu()) : head.roomVersion();
    if (version == null) {
      return decision.refuse(new Refusal(Failure.NOT_FOUND, "the room is not known"));
    }
    Pdu pdu;
    switch (Incoming.of(command.pdu(), command.signaturesValid(), version, room)) {
      case Incoming.Refused refused -> {
        return decision.refuse(refused.refusal());
      }
      case Incoming.Taken taken -> pdu = taken.pdu();
    }
    KnownEvent known = store.event(state, room, pdu.id());
    if (known != null) {
      return decision.settle(done(pdu.id(), known.verdict().name()));
    }
    Joining joining = store.joining(state, room);
    boolean waits = state.cell(RoomKeys.waiting(room, pdu.id())) != null;
    if (waits && (joining != null || command.stateBefore() == null)) {
      return decision.settle(done(pdu.id(), WAITS));
    }
    head = waiting.expire(decision, head);
    if (head == null) {
      return receiveFirst(decision, version, pdu);
    }
    if (head.tips().isEmpty() && joining == null) {
      return decision.refuse(new Refusal(Failure.NOT_FOUND, "the room is not held"));
    }
    if (isOtherCreate(state, pdu)) {
      return decision.refuse(new Refusal(Failure.FORBIDDEN, "the room has a create event"));
    }
    if (joining != null) {
      return joining.joinEvent().equals(pdu.id())
          ? decision.settle(done(pdu.id(), WAITS))
          : await(decision, command, head, pdu, List.of(joining.joinEvent()), false);
    }
    List<EventId> missing = missing(state, pdu);
    if (missing.isEmpty()) {
      return decideAll(decision, version, pdu, null, command.relayAs());
    }
    if (command.stateBefore() != null) {
      return receiveWithState(decision, command, head, pdu);
    }
    if (command.relayAs() != null) {
      // What another server awaits an answer for follows events that it had from us.
      return decision.refuse(
          new Refusal(Failure.BAD_STATE, "the event follows events that are not known here"));
    }
    return await(decision, command, head, pdu, missing, true);
  }

  /** A room that begins elsewhere. */
  private List<Output> receiveFirst(Decision decision, RoomVersion version, Pdu pdu) {
    if (!pdu.prevEvents().isEmpty() || !pdu.authEvents().isEmpty()) {
      return decision.refuse(new Refusal(Failure.FORBIDDEN, "the create event is refused"));
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    String before =
        receipt.stateBefore(decision.state(), pdu.roomId(), null, version, pdu, computed);
    Candidate first =
        receipt.check(decision.state(), pdu.roomId(), null, version, pdu, before, computed);
    return first.verdict() == Verdict.ACCEPTED
        ? decideAll(decision, version, pdu, null, null)
        : decision.refuse(
            new Refusal(Failure.FORBIDDEN, "the create event is refused: " + first.rule()));
  }

  /** The version that a create event sets for its room; null for other events. */
  private static @Nullable RoomVersion versionOf(ObjectNode pdu) {
    return pdu.path("type").asText().equals("m.room.create")
        ? RoomVersion.find(pdu.path("content").path("room_version").asText("1")).orElse(null)
        : null;
  }

  /**
   * NOTSPEC: a room has one beginning; until version 11 the rules alone would let a second pass.
   * The one that it has may come with its history, after it was an outlier.
   */
  boolean isOtherCreate(State state, Pdu pdu) {
    KnownEvent outlier =
        pdu.is("m.room.create", "") ? store.outlier(state, pdu.roomId(), pdu.id()) : null;
    return pdu.is("m.room.create", "") && (outlier == null || outlier.isRejected());
  }

  /** What the event names and is not known: predecessors with their states, auth events at all. */
  List<EventId> missing(State state, Pdu pdu) {
    TreeSet<EventId> missing = new TreeSet<>(pdu.prevEvents());
    missing.removeIf(event -> store.event(state, pdu.roomId(), event) != null);
    missing.addAll(missingAuthEvents(state, pdu));
    return List.copyOf(missing);
  }

  List<EventId> missingAuthEvents(State state, Pdu pdu) {
    return pdu.authEvents().stream()
        .filter(event -> store.known(state, pdu.roomId(), event) == null)
        .sorted()
        .distinct()
        .toList();
  }

  /** The origin says what the state before the event is; what lies before it is a gap. */
  private List<Output> receiveWithState(
      Decision decision, ReceiveEvent command, Head head, Pdu pdu) {
    if (!missingAuthEvents(decision.state(), pdu).isEmpty()) {
      return decision.refuse(new Refusal(Failure.BAD_STATE, "its auth events are not known"));
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    Optional<String> before =
        new ClaimedState(store)
            .root(
                decision.state(),
                decision.room(),
                Objects.requireNonNull(command.stateBefore()),
                computed);
    if (before.isEmpty()) {
      return decision.refuse(
          new Refusal(Failure.BAD_STATE, "the state before the event cannot be made out"));
    }
    return decideAll(
        decision, head.roomVersion(), pdu, new Told(before.get(), computed), command.relayAs());
  }

  /** A state before an event that does not follow from its predecessors. */
  private record Told(String root, Map<String, byte[]> computed) {}

  private List<Output> await(
      Decision decision,
      ReceiveEvent command,
      Head head,
      Pdu pdu,
      List<EventId> missing,
      boolean fetch) {
    if (head.waiting() >= WAITING_EVENTS_MAX) {
      return decision.refuse(
          new Refusal(Failure.LIMIT_EXCEEDED, "too many events of this room wait for others"));
    }
    waiting.begin(decision, command.origin(), pdu, missing, fetch);
    return decision.settle(done(pdu.id(), WAITS));
  }

  /** Decides the event, and then all that waited for nothing else. */
  private List<Output> decideAll(
      Decision decision,
      RoomVersion version,
      Pdu first,
      @Nullable Told told,
      @Nullable ServerName relayAs) {
    Released released = new Released(store, decision);
    Verdict verdict = decideOne(decision, version, first, told, relayAs, released);
    release(decision, version, released);
    return decision.settle(done(first.id(), verdict.name()));
  }

  /** Decides events that wait for nothing any more, and those that waited for them. */
  void release(Decision decision, RoomVersion version, Released released) {
    State state = decision.state();
    for (WaitingEvent next = released.next(); next != null; next = released.next()) {
      Pdu pdu = new Pdu(next.id(), decision.room(), next.skeleton());
      List<EventId> missing = missing(state, pdu);
      if (missing.isEmpty()) {
        decideOne(decision, version, pdu, null, null, released);
      } else {
        // It waited for a join, or for an event whose history is not known after all.
        waiting.begin(decision, pdu.sender().server(), pdu, missing, true);
      }
    }
  }

  private Verdict decideOne(
      Decision decision,
      RoomVersion version,
      Pdu pdu,
      @Nullable Told told,
      @Nullable ServerName relayAs,
      Released released) {
    State state = decision.state();
    RoomId room = decision.room();
    Head head = store.head(state, room);
    Map<String, byte[]> fresh = new HashMap<>(); // Never iterated.
    Map<String, byte[]> computed = told == null ? fresh : told.computed();
    String before =
        told == null ? receipt.stateBefore(state, room, head, version, pdu, computed) : told.root();
    Candidate candidate =
        receipt.check(state, room, head, version, pdu, before, computed).relayAs(relayAs);
    long floor = Gaps.floor(head);
    long place = decision.next().packed();
    released.expect(pdu.id());
    Verdict verdict = recorder.record(decision, head, version, candidate, computed);
    released.collect();
    if (verdict == Verdict.ACCEPTED) {
      gaps.open(decision, pdu, place, floor);
    }
    return verdict;
  }

  List<Output> receiveOutliers(Decision decision, ReceiveOutliers command) {
    Head head = store.head(decision.state(), command.roomId());
    if (head == null) {
      return decision.refuse(new Refusal(Failure.NOT_FOUND, "the room is not known"));
    }
    if (command.events().size() > RoomLimits.CHUNK_EVENTS_MAX) {
      return decision.refuse(tooMany());
    }
    RoomVersion version = head.roomVersion();
    Released released = new Released(store, decision);
    for (ReceivedEvent event : command.events()) {
      takeOutlier(decision, version, event.pdu(), event.signaturesValid(), released);
    }
    release(decision, version, released);
    return decision.settle(Decision.done());
  }

  static Refusal tooMany() {
    return new Refusal(
        Failure.LIMIT_EXCEEDED, "a command has " + RoomLimits.CHUNK_EVENTS_MAX + " events at most");
  }

  /**
   * Records the event as an outlier, if it is not known.
   *
   * @return the event, or null if it is refused: no event of the room, without its auth events, or
   *     forbidden by them
   */
  @Nullable Pdu takeOutlier(
      Decision decision,
      RoomVersion version,
      ObjectNode json,
      boolean signaturesValid,
      Released released) {
    Pdu pdu = Incoming.of(json, signaturesValid, version, decision.room()).taken().orElse(null);
    if (pdu == null) {
      return null;
    }
    KnownEvent known = store.known(decision.state(), decision.room(), pdu.id());
    if (known != null) {
      return known.isRejected() ? null : pdu;
    }
    Joining joining = store.joining(decision.state(), decision.room());
    boolean isAwaited = joining != null && joining.joinEvent().equals(pdu.id());
    if (isAwaited
        || !missingAuthEvents(decision.state(), pdu).isEmpty()
        || hasOtherCreate(decision, pdu)) {
      return null;
    }
    ReceiptResult result = receipt.checkAuthEvents(decision.state(), decision.room(), version, pdu);
    released.expect(pdu.id());
    if (result instanceof ReceiptResult.Rejected denied) {
      recorder.recordOutlier(decision, version, pdu, Verdict.REJECTED, denied.rule().name());
    } else {
      recorder.recordOutlier(decision, version, pdu, Verdict.ACCEPTED, null);
    }
    released.collect();
    return result.isRejected() ? null : pdu;
  }

  /** Whether this is a create event, and not that of the room as it is held. */
  private boolean hasOtherCreate(Decision decision, Pdu pdu) {
    Head head = store.head(decision.state(), decision.room());
    return pdu.type().equals("m.room.create")
        && head != null
        && !head.tips().isEmpty()
        && store.tree(decision.state()).get(head.root(), StateKey.CREATE).isPresent();
  }

  private static Outcome done(EventId event, String verdict) {
    ObjectNode result = Json.object().put("event_id", event.value()).put("verdict", verdict);
    return new Outcome.Done(result);
  }
}
