package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRule;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.jspecify.annotations.Nullable;

/** Builds, checks and records events that are made here; a refused one leaves no trace. */
final class Drafting {
  private final RoomStore store;
  private final Recorder recorder;
  private final Minting minting;

  Drafting(RoomStore store, Recorder recorder, Minting minting) {
    this.store = store;
    this.recorder = recorder;
    this.minting = minting;
  }

  /** What came of a draft. */
  sealed interface Drafted {
    record Recorded(EventId event) implements Drafted {}

    /** It waits for another server's signature, and is {@code event} once that has come. */
    record Pending(EventId event, String effectId) implements Drafted {}

    record Refused(Refusal refusal) implements Drafted {}
  }

  /** The current state of the decision's room, which must be known. */
  StateLookup current(Decision decision, Head head) {
    StateTree tree = store.tree(decision.state());
    return store.lookup(decision.state(), tree, decision.room(), head.root());
  }

  /** Makes the draft the room's next event, or has it wait for who must sign it. */
  Drafted add(Decision decision, Draft draft, @Nullable EventId redacts, @Nullable SentBy sentBy) {
    return add(decision, draft, redacts, sentBy, null, true);
  }

  /** The same for an invite of a user of another server, who must sign it. */
  Drafted invite(Decision decision, Draft draft, ServerName server) {
    return add(decision, draft, null, null, server, true);
  }

  /** Makes the draft one of a new room's first events, which no other server knows of. */
  Drafted begin(Decision decision, Draft draft) {
    return add(decision, draft, null, null, null, false);
  }

  private Drafted add(
      Decision decision,
      Draft draft,
      @Nullable EventId redacts,
      @Nullable SentBy sentBy,
      @Nullable ServerName inviteServer,
      boolean mayMint) {
    Head head = Objects.requireNonNull(store.head(decision.state(), decision.room()));
    StateLookup state = current(decision, head);
    ObjectNode json;
    try {
      json = build(decision, head, draft, redacts, state, decision.command().ts());
      // The same thing said again in one millisecond, while the first still waits.
      for (int i = 1; isMinted(decision, head, json); i++) {
        json = build(decision, head, draft, redacts, state, decision.command().ts() + i);
      }
    } catch (InvalidJsonException e) {
      // What canonical JSON cannot hold cannot be hashed.
      return new Drafted.Refused(new Refusal(Failure.BAD_JSON, String.valueOf(e.getMessage())));
    }
    return record(decision, head, head.roomVersion(), json, state, sentBy, inviteServer, mayMint);
  }

  private static ObjectNode build(
      Decision decision,
      Head head,
      Draft draft,
      @Nullable EventId redacts,
      StateLookup state,
      long ts) {
    return EventBuilder.build(decision.room(), head, draft, redacts, ts, decision.next(), state);
  }

  private boolean isMinted(Decision decision, Head head, ObjectNode json) {
    return head.minted() > 0
        && EventFormat.check(json, head.roomVersion()).isEmpty()
        && store.minted(
                decision.state(), decision.room(), EventHashes.eventId(json, head.roomVersion()))
            != null;
  }

  /** Records the event that makes a room. */
  Drafted create(Decision decision, RoomVersion version, ObjectNode createEvent) {
    return record(decision, null, version, createEvent, key -> Optional.empty(), null, null, false);
  }

  private Drafted record(
      Decision decision,
      @Nullable Head head,
      RoomVersion version,
      ObjectNode json,
      StateLookup state,
      @Nullable SentBy sentBy,
      @Nullable ServerName inviteServer,
      boolean mayMint) {
    Optional<String> problem = EventFormat.check(json, version);
    if (problem.isPresent()) {
      return new Drafted.Refused(malformed(problem.get()));
    }
    Pdu pdu = EventHashes.pdu(json, version);
    if (AuthRules.check(version, pdu, state) instanceof AuthResult.Denied denied) {
      // Nobody's power would make this one valid.
      boolean never = denied.rule() == AuthRule.POWER_LEVELS_CREATOR;
      Failure failure = never ? Failure.BAD_JSON : Failure.FORBIDDEN;
      return new Drafted.Refused(new Refusal(failure, denied.reason()));
    }
    ServerName policyServer =
        mayMint ? Minting.policyServer(decision, pdu, state).orElse(null) : null;
    if (inviteServer != null || policyServer != null) {
      return minting.mint(decision, version, pdu, sentBy, inviteServer, policyServer, state);
    }
    String before = head == null ? StateTree.EMPTY : head.root();
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    recorder.record(
        decision, head, version, Candidate.accepted(pdu, before).sentBy(sentBy), computed);
    return new Drafted.Recorded(pdu.id());
  }

  static Refusal malformed(String problem) {
    Failure failure = problem.contains("bytes at most") ? Failure.TOO_LARGE : Failure.BAD_JSON;
    return new Refusal(failure, problem);
  }
}
