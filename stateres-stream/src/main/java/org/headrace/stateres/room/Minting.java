package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand.AppendMinted;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Events of ours that need another server's signature (design D7): an invite of a remote user,
 * anything in a room with a policy server. They are minted, wait, and are appended as they are
 * after being checked again, or dropped.
 */
final class Minting {
  /** What of the room's state goes with an invite (client-server API, "Stripped state"). */
  private static final List<StateKey> STRIPPED =
      List.of(
          StateKey.CREATE,
          StateKey.JOIN_RULES,
          new StateKey("m.room.name", ""),
          new StateKey("m.room.avatar", ""),
          new StateKey("m.room.topic", ""),
          new StateKey("m.room.canonical_alias", ""),
          new StateKey("m.room.encryption", ""));

  private final RoomStore store;
  private final Recorder recorder;
  private final Receipt receipt;

  Minting(RoomStore store, Recorder recorder, Receipt receipt) {
    this.store = store;
    this.recorder = recorder;
    this.receipt = receipt;
  }

  /**
   * Mints an event that the rules allow; tells the effect under whose id its outcome comes, or why
   * it cannot wait.
   *
   * @param inviteServer whose user it invites, or null
   * @param policyServer whose signature it needs, or null
   */
  Drafting.Drafted mint(
      Decision decision,
      RoomVersion version,
      Pdu pdu,
      @Nullable SentBy sentBy,
      @Nullable ServerName inviteServer,
      @Nullable ServerName policyServer,
      StateLookup current) {
    Head head = Objects.requireNonNull(store.head(decision.state(), decision.room()));
    boolean isFull = head.minted() >= Minted.MINTED_MAX;
    List<Minted> abandoned = isFull ? abandoned(decision) : List.of();
    if (isFull && abandoned.isEmpty()) {
      return new Drafting.Drafted.Refused(
          new Refusal(
              Failure.LIMIT_EXCEEDED, "too many events of this room wait for another server"));
    }
    RoomId room = decision.room();
    String effectId = Pending.idOf(decision.command().id());
    EventSkeleton.Split split = EventSkeleton.split(pdu.json(), version);
    boolean hasBody = !split.body().isEmpty();
    decision.add(
        new RoomRecord.EventMinted(
            decision.next(),
            room,
            decision.command().id(),
            false,
            pdu.id(),
            version.id(),
            split.skeleton(),
            hasBody,
            effectId,
            sentBy));
    if (hasBody) {
      Bodies.put(decision, pdu.id(), split.body());
    }
    RoomEffect effect;
    if (inviteServer != null) {
      effect =
          new RoomEffect.SignInvite(
              effectId,
              room,
              pdu.id(),
              inviteServer,
              version.id(),
              pdu.json(),
              stripped(pdu, current),
              policyServer);
    } else if (policyServer != null) {
      effect =
          new RoomEffect.SignByPolicy(
              effectId, room, pdu.id(), policyServer, version.id(), pdu.json());
    } else {
      throw new IllegalArgumentException("the event needs nobody's signature");
    }
    decision.addBeside(Output.of(Topic.ROOM_EFFECTS, room.value(), effect));
    for (Minted old : abandoned) {
      drop(decision, old, new Outcome.Failed(Failure.REMOTE_REFUSED, "no answer came"));
    }
    return new Drafting.Drafted.Pending(pdu.id(), effectId);
  }

  private static List<EventId> stripped(Pdu invite, StateLookup current) {
    List<EventId> events = new ArrayList<>();
    List<StateKey> keys = new ArrayList<>(STRIPPED);
    keys.add(StateKey.member(invite.sender().value()));
    for (StateKey key : keys) {
      current.get(key).map(Pdu::id).ifPresent(events::add);
    }
    return events;
  }

  /** Those that nobody has cared about for long. */
  private static List<Minted> abandoned(Decision decision) {
    String prefix = RoomKeys.minted(decision.room());
    return decision.state().cells(prefix, Minted.MINTED_MAX).values().stream()
        .map(bytes -> LogJson.decode(bytes, Minted.class))
        .filter(minted -> decision.command().ts() - minted.ts() > Minted.ABANDONED_MILLIS)
        .toList();
  }

  List<Output> append(Decision decision, AppendMinted command) {
    State state = decision.state();
    RoomId room = command.roomId();
    Minted minted = store.minted(state, room, command.eventId());
    Head head = store.head(state, room);
    if (minted == null || head == null) {
      KnownEvent known = store.event(state, room, command.eventId());
      return known == null
          ? decision.refuse(new Refusal(Failure.NOT_FOUND, "no such event waits"))
          : decision.settle(Decision.done("event_id", known.id().value()));
    }
    if (command.signatures() == null || command.refusal() != null) {
      String why = command.refusal() == null ? "the other server is silent" : command.refusal();
      return dropped(decision, minted, new Refusal(Failure.REMOTE_REFUSED, why));
    }
    RoomVersion version = head.roomVersion();
    ObjectNode signed = minted.skeleton().deepCopy();
    merge(command.signatures(), signed.withObjectProperty("signatures"));
    if (EventFormat.check(signed, version).isPresent()) {
      return dropped(
          decision, minted, new Refusal(Failure.REMOTE_REFUSED, "the signature is no signature"));
    }
    Pdu pdu = new Pdu(minted.id(), room, signed);
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    String before = receipt.stateBefore(state, room, head, version, pdu, computed);
    Candidate candidate = receipt.check(state, room, head, version, pdu, before, computed);
    if (candidate.verdict() != Verdict.ACCEPTED) {
      // Also where a policy server has come, or another key of it.
      Failure failure =
          RoomPolicy.RULE.equals(candidate.rule()) ? Failure.REMOTE_REFUSED : Failure.FORBIDDEN;
      return dropped(
          decision,
          minted,
          new Refusal(failure, "the room has changed meanwhile: " + candidate.rule()));
    }
    Verdict verdict =
        recorder.record(
            decision,
            head,
            version,
            candidate
                .sentBy(minted.sentBy())
                .relayAs(pdu.sender().server())
                .bodySince(minted.hasBody() ? minted.since() : null),
            computed);
    return verdict == Verdict.ACCEPTED
        ? decision.settle(Decision.done("event_id", pdu.id().value()))
        : decision.settle(
            new Refusal(Failure.FORBIDDEN, "the room has changed meanwhile").outcome());
  }

  private static void merge(ObjectNode added, ObjectNode signatures) {
    for (Map.Entry<String, JsonNode> server : added.properties()) {
      if (server.getValue() instanceof ObjectNode keys) {
        signatures.withObjectProperty(server.getKey()).setAll(keys);
      }
    }
  }

  private static List<Output> dropped(Decision decision, Minted minted, Refusal refusal) {
    drop(decision, minted, refusal.outcome());
    return decision.settle(refusal.outcome());
  }

  private static void drop(Decision decision, Minted minted, Outcome outcome) {
    decision.add(
        new RoomRecord.MintedDropped(
            decision.next(),
            decision.room(),
            decision.command().id(),
            false,
            minted.id(),
            outcome));
    if (minted.hasBody()) {
      Bodies.take(decision, minted.id());
    }
  }

  /** The server whose signature the event needs under the room's policy, if one. */
  static Optional<ServerName> policyServer(Decision decision, Pdu pdu, StateLookup current) {
    return RoomPolicy.of(decision.state(), decision.room(), current)
        .filter(server -> !PolicyServer.isExempt(pdu.json()))
        .map(PolicyServer::via);
  }
}
