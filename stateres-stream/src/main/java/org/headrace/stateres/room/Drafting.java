package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.StateTree;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/** Builds, checks and records events that are made here; a refused one leaves no trace. */
final class Drafting {
  private final RoomStore store;
  private final Recorder recorder;

  Drafting(RoomStore store, Recorder recorder) {
    this.store = store;
    this.recorder = recorder;
  }

  /** What came of a draft. */
  sealed interface Drafted {
    record Recorded(EventId event) implements Drafted {}

    record Refused(Refusal refusal) implements Drafted {}
  }

  /** The current state of the decision's room, which must be known. */
  StateLookup current(Decision decision, Head head) {
    StateTree tree = store.tree(decision.state());
    return store.lookup(decision.state(), tree, decision.room(), head.root());
  }

  /** Makes the draft the room's next event. */
  Drafted add(Decision decision, Draft draft, @Nullable EventId redacts, @Nullable SentBy sentBy) {
    Head head = Objects.requireNonNull(store.head(decision.state(), decision.room()));
    StateLookup state = current(decision, head);
    ObjectNode json;
    try {
      json =
          EventBuilder.build(
              decision.room(),
              head,
              draft,
              redacts,
              decision.command().ts(),
              decision.next(),
              state);
    } catch (InvalidJsonException e) {
      // What canonical JSON cannot hold cannot be hashed.
      return new Drafted.Refused(new Refusal(Failure.BAD_JSON, String.valueOf(e.getMessage())));
    }
    return record(decision, head, head.roomVersion(), json, state, sentBy);
  }

  /** Records the event that makes a room. */
  Drafted create(Decision decision, RoomVersion version, ObjectNode createEvent) {
    return record(decision, null, version, createEvent, key -> Optional.empty(), null);
  }

  private Drafted record(
      Decision decision,
      @Nullable Head head,
      RoomVersion version,
      ObjectNode json,
      StateLookup state,
      @Nullable SentBy sentBy) {
    Optional<String> problem = EventFormat.check(json, version);
    if (problem.isPresent()) {
      return new Drafted.Refused(malformed(problem.get()));
    }
    Pdu pdu = EventHashes.pdu(json, version);
    if (AuthRules.check(version, pdu, state) instanceof AuthResult.Denied denied) {
      return new Drafted.Refused(new Refusal(Failure.FORBIDDEN, denied.reason()));
    }
    String before = head == null ? StateTree.EMPTY : head.root();
    Map<String, byte[]> computed = new HashMap<>(); // Never iterated.
    recorder.record(
        decision,
        head,
        version,
        new Candidate(pdu, Verdict.ACCEPTED, null, before, sentBy),
        computed);
    return new Drafted.Recorded(pdu.id());
  }

  static Refusal malformed(String problem) {
    Failure failure = problem.contains("bytes at most") ? Failure.TOO_LARGE : Failure.BAD_JSON;
    return new Refusal(failure, problem);
  }
}
