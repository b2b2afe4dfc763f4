package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.Membership;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.EchoProfile;
import org.headrace.schema.command.RoomCommand.Redact;
import org.headrace.schema.command.RoomCommand.SendEvent;
import org.headrace.schema.command.RoomCommand.Transaction;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.headrace.schema.record.Verdict;
import org.headrace.stateres.room.Drafting.Drafted;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** Decides what clients send: messages, state and redactions. */
final class Sending {
  private static final Refusal NOT_IN_ROOM =
      new Refusal(Failure.FORBIDDEN, "you are not in this room");

  private final RoomStore store;
  private final Drafting drafting;

  Sending(RoomStore store, Drafting drafting) {
    this.store = store;
    this.drafting = drafting;
  }

  List<Output> send(Decision decision, SendEvent command) {
    Draft draft = command.event();
    Head head = store.head(decision.state(), command.roomId());
    if (head == null || isJoining(decision)) {
      return decision.refuse(NOT_IN_ROOM);
    }
    ObjectNode shape = Json.object().put("type", draft.type());
    shape.set("content", draft.content());
    if (draft.stateKey() != null) {
      shape.put("state_key", draft.stateKey());
    }
    String endpoint = Transactions.endpoint(shape, head.version());
    SentBy sentBy = sentBy(draft.sender(), command.transaction());
    Optional<Outcome> earlier = earlier(decision, head, sentBy, endpoint);
    if (earlier.isPresent()) {
      return decision.settle(earlier.get());
    }
    Optional<EventId> target = Redactions.target(shape, head.roomVersion());
    if (target.isPresent()) {
      Optional<Refusal> refusal = mayRedact(decision, head, draft.sender(), target.get());
      if (refusal.isPresent()) {
        return decision.refuse(refusal.get());
      }
    }
    return add(decision, draft, null, sentBy);
  }

  List<Output> redact(Decision decision, Redact command) {
    Head head = store.head(decision.state(), command.roomId());
    if (head == null || isJoining(decision)) {
      return decision.refuse(NOT_IN_ROOM);
    }
    SentBy sentBy = sentBy(command.sender(), command.transaction());
    Optional<Outcome> earlier =
        earlier(decision, head, sentBy, Transactions.redact(command.redacts()));
    if (earlier.isPresent()) {
      return decision.settle(earlier.get());
    }
    Optional<Refusal> refusal = mayRedact(decision, head, command.sender(), command.redacts());
    if (refusal.isPresent()) {
      return decision.refuse(refusal.get());
    }
    ObjectNode content = Json.object();
    if (command.reason() != null) {
      content.put("reason", command.reason());
    }
    Draft draft = new Draft(command.sender(), Redactions.TYPE, null, content);
    return add(decision, draft, command.redacts(), sentBy);
  }

  /** A new member event with the account's profile, for who is still joined. */
  List<Output> echoProfile(Decision decision, EchoProfile command) {
    Head head = store.head(decision.state(), command.roomId());
    String user = command.user().value();
    if (head == null
        || isJoining(decision)
        || !Membership.of(drafting.current(decision, head), user).equals(Membership.JOIN)) {
      return decision.settle(Decision.done());
    }
    ObjectNode content = Json.object().put("membership", Membership.JOIN);
    if (command.displayname() != null) {
      content.put("displayname", command.displayname());
    }
    if (command.avatarUrl() != null) {
      content.put("avatar_url", command.avatarUrl());
    }
    Draft draft = new Draft(command.user(), "m.room.member", user, content);
    return switch (drafting.add(decision, draft, null, null)) {
      case Drafted.Refused refused -> decision.refuse(refused.refusal());
      case Drafted.Recorded recorded -> decision.settle(Decision.done());
      case Drafted.Pending pending -> decision.settle(SeenCommands.pending(pending.effectId()));
    };
  }

  /** Then the state on hand is not the room's: whoever it has as joined is not. */
  private boolean isJoining(Decision decision) {
    return store.joining(decision.state(), decision.room()) != null;
  }

  private List<Output> add(
      Decision decision, Draft draft, @Nullable EventId redacts, @Nullable SentBy sentBy) {
    return switch (drafting.add(decision, draft, redacts, sentBy)) {
      case Drafted.Refused refused -> decision.refuse(refused.refusal());
      case Drafted.Recorded recorded ->
          decision.settle(Decision.done("event_id", recorded.event().value()));
      case Drafted.Pending pending -> decision.settle(SeenCommands.pending(pending.effectId()));
    };
  }

  private static @Nullable SentBy sentBy(UserId user, @Nullable Transaction transaction) {
    return transaction == null ? null : new SentBy(user, transaction.device(), transaction.txnId());
  }

  /** What became of a client's transaction: an event, or one that still waits. */
  private Optional<Outcome> earlier(
      Decision decision, Head head, @Nullable SentBy sentBy, String endpoint) {
    if (sentBy == null) {
      return Optional.empty();
    }
    State state = decision.state();
    byte[] event = state.entry(RoomKeys.transaction(decision.room(), sentBy, endpoint));
    if (event != null) {
      return Optional.of(Decision.done("event_id", RoomApply.eventId(event).value()));
    }
    byte[] waits =
        head.minted() == 0
            ? null
            : state.cell(RoomKeys.mintedBy(decision.room(), sentBy, endpoint));
    return Optional.ofNullable(waits)
        .map(bytes -> store.minted(state, decision.room(), RoomApply.eventId(bytes)))
        .map(minted -> SeenCommands.pending(minted.effectId()));
  }

  /**
   * Users redact their own events, and those of others with the redact level (client-server API,
   * "Redactions"). Stricter than what is applied of redactions from elsewhere, where the server
   * answers for its users. Of an event that is not here the level alone can be judged.
   */
  private Optional<Refusal> mayRedact(
      Decision decision, Head head, UserId sender, EventId redacts) {
    KnownEvent target = store.event(decision.state(), decision.room(), redacts);
    StateLookup state = drafting.current(decision, head);
    if (!Membership.of(state, sender.value()).equals(Membership.JOIN)) {
      return Optional.of(NOT_IN_ROOM);
    }
    PowerLevels levels = PowerLevels.of(head.roomVersion(), state);
    boolean hasLevel = levels.userLevel(sender) >= levels.redact();
    if (target == null ? !hasLevel : target.verdict() != Verdict.ACCEPTED) {
      return Optional.of(new Refusal(Failure.NOT_FOUND, "the event to redact is not known here"));
    }
    return hasLevel || target == null || target.pdu().sender().equals(sender)
        ? Optional.empty()
        : Optional.of(
            new Refusal(Failure.FORBIDDEN, "you may not redact the events of others here"));
  }
}
