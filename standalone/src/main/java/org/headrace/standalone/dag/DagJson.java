package org.headrace.standalone.dag;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.dag.Explanation;
import org.headrace.core.dag.Explanation.Cause;
import org.headrace.core.dag.RecordedResolution;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptRule;

/** The outcome as one JSON document (docs/dag.md). */
public final class DagJson {
  private final DagOutcome outcome;
  private final DagReplay replay;

  public DagJson(DagOutcome outcome) {
    this.outcome = outcome;
    this.replay = outcome.replay();
  }

  public ObjectNode document() {
    DagInput input = outcome.input();
    ObjectNode document = Json.object();
    document.put("events", replay.order().size());
    document.put("accepted", outcome.those(DagVerdict::isAccepted).size());
    document.set("rejected", ruled(outcome.those(DagVerdict::isRejected)));
    document.set("soft_failed", ruled(outcome.those(DagVerdict::isSoftFailed)));
    document.set("undecided", ruled(outcome.those(DagVerdict::undecided)));
    document.set("missing", ids(outcome.missing()));
    document.set("extremities", ids(replay.extremities()));
    ArrayNode state = document.putArray("state");
    outcome.state().forEach((key, event) -> entry(state.addObject(), key, event));
    document.put("state_root", outcome.stateRoot());
    document.put("state_complete", outcome.stateComplete());
    outcome.at().ifPresent(id -> document.put("at", id.value()));
    document.put("room_id", outcome.dag().room().value());
    document.put("room_version", outcome.dag().version().id());
    document.set("missing_prev_events", ids(replay.missingPrevEvents()));
    document.set("missing_auth_events", ids(replay.missingAuthEvents()));
    document.put("incomplete_history", outcome.those(v -> !v.wholeHistory()).size());
    document.set("dropped", dropped(input));
    document.set("bad_lines", lines(input.badLines));
    document.put("repeated_lines", input.repeated);
    document.set("differing_lines", lines(input.differing));
    document.set("wrong_hashes", ids(input.wrongHashes.keySet()));
    document.set("other_ids", otherIds(input));
    document
        .putObject("signatures")
        .put("verified", input.verified)
        .put("invalid", input.invalid)
        .put("unchecked", input.unchecked);
    outcome.explanation().ifPresent(e -> document.set("explanation", explanation(e)));
    return document;
  }

  private ArrayNode ruled(List<EventId> events) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    for (EventId id : events) {
      ObjectNode entry = array.addObject().put("event_id", id.value());
      replay.verdict(id).rule().ifPresent(rule -> entry.put("rule", rule.name()));
    }
    return array;
  }

  private ArrayNode dropped(DagInput input) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    for (DagInput.DroppedLine line : input.dropped) {
      array
          .addObject()
          .put("line", line.line())
          .put("rule", line.rule().name())
          .put("reason", line.reason());
    }
    replay
        .dropped()
        .forEach(
            (id, why) ->
                array
                    .addObject()
                    .put("event_id", id.value())
                    .put("rule", why.rule().name())
                    .put("reason", why.reason()));
    return array;
  }

  private static ArrayNode lines(List<DagInput.BadLine> lines) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    lines.forEach(bad -> array.addObject().put("line", bad.line()).put("problem", bad.problem()));
    return array;
  }

  private static ArrayNode otherIds(DagInput input) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    for (DagInput.OtherId other : input.otherIds) {
      array
          .addObject()
          .put("line", other.line())
          .put("event_id", other.claimed().value())
          .put("computed", other.computed().value());
    }
    return array;
  }

  private ObjectNode explanation(Explanation explanation) {
    ObjectNode node = Json.object();
    StateKey key = explanation.key();
    node.put("type", key.type()).put("state_key", key.stateKey());
    explanation.winner().ifPresent(id -> node.put("event_id", id.value()));
    switch (explanation.cause()) {
      case Cause.NeverSet never -> node.put("cause", "never_set");
      case Cause.Set set -> node.put("cause", "set");
      case Cause.Assumed assumed -> node.put("cause", "assumed").put("at", assumed.at().value());
      case Cause.Resolved resolved -> {
        node.put("cause", "resolved");
        resolved.at().ifPresent(at -> node.put("at", at.value()));
        ArrayNode forks = node.putArray("forks");
        for (Explanation.Fork fork : resolved.forks()) {
          ObjectNode one = forks.addObject().put("last", fork.last().value());
          fork.entry().ifPresent(id -> one.put("event_id", id.value()));
        }
        node.set("resolution", resolution(resolved.resolution()));
      }
    }
    ArrayNode candidates = node.putArray("candidates");
    for (EventId id : explanation.candidates()) {
      DagVerdict verdict = replay.verdict(id);
      ObjectNode one = candidates.addObject().put("event_id", id.value());
      one.put("verdict", Words.verdict(verdict));
      verdict.rule().map(ReceiptRule::name).ifPresent(rule -> one.put("rule", rule));
    }
    return node;
  }

  private ObjectNode resolution(RecordedResolution resolution) {
    ObjectNode node = Json.object();
    ArrayNode conflicts = node.putArray("conflicted_set");
    resolution
        .conflicts()
        .forEach((key, ids) -> ids.forEach(id -> entry(conflicts.addObject(), key, id)));
    node.set("full_conflicted_set", ids(resolution.fullConflictedSet()));
    node.set("power_order", ids(resolution.powerOrder()));
    resolution.mainline().ifPresent(id -> node.put("mainline", id.value()));
    node.set("mainline_order", ids(resolution.mainlineOrder()));
    ArrayNode checks = node.putArray("checks");
    for (RecordedResolution.Check check : resolution.checks()) {
      ObjectNode one = checks.addObject().put("event_id", check.event().value());
      if (check.result() instanceof AuthResult.Denied denied) {
        one.put("allowed", false).put("rule", denied.rule().name()).put("reason", denied.reason());
      } else {
        one.put("allowed", true);
      }
    }
    ArrayNode unconflicted = node.putArray("unconflicted_wins");
    resolution.unconflictedWins().forEach((key, id) -> entry(unconflicted.addObject(), key, id));
    return node;
  }

  private static void entry(ObjectNode node, StateKey key, EventId event) {
    node.put("type", key.type()).put("state_key", key.stateKey()).put("event_id", event.value());
  }

  private static ArrayNode ids(Collection<EventId> ids) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    ids.forEach(id -> array.add(id.value()));
    return array;
  }
}
