package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.Redaction;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand.ReceiveEvent;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Decides events that were made elsewhere (server-server API, "Checks performed on receipt of a
 * PDU"). One whose prev or auth events are missing waits in the room; when the last of them is
 * decided, so is the one that waited, in the same command.
 */
final class Reception {
  /** Received events of one room that may wait for others; also bounds what one command decides. */
  static final int WAITING_EVENTS_MAX = 500;

  private static final String WAITS = "WAITING";
  private static final Comparator<WaitingEvent> BY_DEPTH =
      Comparator.<WaitingEvent>comparingLong(event -> event.pdu().path("depth").asLong())
          .thenComparing(WaitingEvent::id);

  private final RoomStore store;
  private final Recorder recorder;
  private final Receipt receipt;

  Reception(RoomStore store, Recorder recorder, Receipt receipt) {
    this.store = store;
    this.recorder = recorder;
    this.receipt = receipt;
  }

  List<Output> receive(Decision decision, ReceiveEvent command) {
    Head head = store.head(decision.state(), command.roomId());
    RoomVersion version = head == null ? versionOf(command.pdu()) : head.roomVersion();
    if (version == null) {
      return decision.refuse(new Refusal(Failure.NOT_FOUND, "the room is not known"));
    }
    Optional<Refusal> refusal = checkForm(command, version);
    if (refusal.isPresent()) {
      return decision.refuse(refusal.get());
    }
    ObjectNode json = Json.object();
    json.setAll(command.pdu());
    // What a server says beside an event is not part of it.
    json.remove("unsigned");
    if (!EventHashes.contentHashMatches(json, version)) {
      json = Redaction.redact(json, version);
    }
    Pdu pdu = EventHashes.pdu(json, version);
    State state = decision.state();
    KnownEvent known = store.event(state, command.roomId(), pdu.id());
    if (known != null) {
      return decision.settle(done(pdu.id(), known.verdict().name()));
    }
    if (state.cell(RoomKeys.waiting(command.roomId(), pdu.id())) != null) {
      return decision.settle(done(pdu.id(), WAITS));
    }
    refusal = checkPlace(command.roomId(), head, pdu);
    if (refusal.isPresent()) {
      return decision.refuse(refusal.get());
    }
    List<EventId> missing = missing(state, pdu);
    if (!missing.isEmpty()) {
      return await(decision, command, Objects.requireNonNull(head), pdu, missing);
    }
    if (head == null) {
      Candidate first = receipt.check(state, pdu.roomId(), null, version, pdu, new TreeMap<>());
      if (first.verdict() != Verdict.ACCEPTED) {
        return decision.refuse(
            new Refusal(Failure.FORBIDDEN, "the create event is refused: " + first.rule()));
      }
    }
    return decideAll(decision, version, pdu);
  }

  /** The version that a create event sets for its room; null for other events. */
  private static @Nullable RoomVersion versionOf(ObjectNode pdu) {
    return pdu.path("type").asText().equals("m.room.create")
        ? RoomVersion.find(pdu.path("content").path("room_version").asText("1")).orElse(null)
        : null;
  }

  /** Checks 1 and 2: a valid event, with valid signatures. */
  private static Optional<Refusal> checkForm(ReceiveEvent command, RoomVersion version) {
    Optional<String> problem = EventFormat.check(command.pdu(), version);
    if (problem.isPresent()) {
      return Optional.of(Drafting.malformed(problem.get()));
    }
    if (!command.signaturesValid() || command.pdu().path("signatures").isEmpty()) {
      return Optional.of(new Refusal(Failure.FORBIDDEN, "the event is not signed as it must be"));
    }
    try {
      EventHashes.referenceHash(command.pdu(), version);
    } catch (InvalidJsonException e) {
      return Optional.of(new Refusal(Failure.BAD_JSON, String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private static Optional<Refusal> checkPlace(RoomId room, @Nullable Head head, Pdu pdu) {
    if (!pdu.roomId().equals(room)) {
      return Optional.of(new Refusal(Failure.BAD_JSON, "the event is of another room"));
    }
    // NOTSPEC: a room has one beginning; until version 11 the rules alone would let a second pass.
    if (head != null && pdu.is("m.room.create", "")) {
      return Optional.of(new Refusal(Failure.FORBIDDEN, "the room has a create event"));
    }
    boolean followsItself =
        pdu.prevEvents().contains(pdu.id()) || pdu.authEvents().contains(pdu.id());
    return followsItself
        ? Optional.of(new Refusal(Failure.BAD_JSON, "the event names itself"))
        : Optional.empty();
  }

  private List<EventId> missing(State state, Pdu pdu) {
    TreeSet<EventId> missing = new TreeSet<>(pdu.prevEvents());
    missing.addAll(pdu.authEvents());
    missing.removeIf(event -> store.event(state, pdu.roomId(), event) != null);
    return List.copyOf(missing);
  }

  private static List<Output> await(
      Decision decision, ReceiveEvent command, Head head, Pdu pdu, List<EventId> missing) {
    if (head.waiting() >= WAITING_EVENTS_MAX) {
      return decision.refuse(
          new Refusal(Failure.LIMIT_EXCEEDED, "too many events of this room wait for others"));
    }
    String effectId = "room:" + decision.room() + ":" + decision.next().packed() + ":fetch";
    decision.add(
        new RoomRecord.EventWaiting(
            decision.next(), decision.room(), command.id(), false, pdu.id(), pdu.json(), missing));
    RoomEffect effect =
        new RoomEffect.FetchEvents(effectId, decision.room(), command.origin(), pdu.id(), missing);
    decision.addBeside(Output.of(Topic.ROOM_EFFECTS, decision.room().value(), effect));
    return decision.settle(done(pdu.id(), WAITS));
  }

  /** Decides the event, and then all that waited for nothing else. */
  private List<Output> decideAll(Decision decision, RoomVersion version, Pdu first) {
    TreeSet<WaitingEvent> ready = new TreeSet<>(BY_DEPTH);
    String verdict = decideOne(decision, version, first, ready);
    while (!ready.isEmpty()) {
      WaitingEvent next = Objects.requireNonNull(ready.pollFirst());
      decideOne(decision, version, new Pdu(next.id(), decision.room(), next.pdu()), ready);
    }
    return decision.settle(done(first.id(), verdict));
  }

  private String decideOne(
      Decision decision, RoomVersion version, Pdu pdu, TreeSet<WaitingEvent> ready) {
    State state = decision.state();
    RoomId room = decision.room();
    Head head = store.head(state, room);
    List<EventId> waiters = new ArrayList<>();
    if (head != null && head.waiting() > 0) {
      state
          .cells(RoomKeys.waitingFor(room, pdu.id()), WAITING_EVENTS_MAX)
          .values()
          .forEach(waiter -> waiters.add(RoomApply.eventId(waiter)));
    }
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    Candidate candidate = receipt.check(state, room, head, version, pdu, computed);
    Verdict verdict = recorder.record(decision, head, version, candidate, computed);
    for (EventId waiter : waiters) {
      byte[] bytes = state.cell(RoomKeys.waiting(room, waiter));
      if (bytes != null) {
        WaitingEvent waiting = LogJson.decode(bytes, WaitingEvent.class);
        if (waiting.missing().isEmpty()) {
          ready.add(waiting);
        }
      }
    }
    return verdict.name();
  }

  private static Outcome done(EventId event, String verdict) {
    ObjectNode result = Json.object().put("event_id", event.value()).put("verdict", verdict);
    return new Outcome.Done(result);
  }
}
