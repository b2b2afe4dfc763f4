package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.DagVerdict;
import org.headrace.core.dag.RoomDag;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.api.Test;

/** A replay of a whole room decides what the room machine decides of the same events. */
class DagReplayEqualsMachineTest {
  private static final int SEEDS = 60;
  private static final ServerName ORIGIN = new ServerName("far.example");

  @Test
  void everyEventHasTheSameVerdictRuleAndStates() {
    Seeds.check(
        SEEDS,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          DagReplay replay = RoomDag.of(room.version(), room.events()).replay();
          RoomFixture fixture = new RoomFixture(room.version().id());
          fixture.room = room.roomId();
          for (EventId id : replay.order()) {
            fixture.decide(received(fixture, room.event(id)));
          }
          Map<EventId, String> rules = rules(fixture);
          RoomStore store = new RoomStore();
          for (EventId id : replay.order()) {
            KnownEvent known = Objects.requireNonNull(store.event(fixture.state, fixture.room, id));
            DagVerdict verdict = replay.verdict(id);
            assertThat(verdict(verdict)).as("%s", id).isEqualTo(known.verdict());
            assertThat(verdict.rule().map(ReceiptRule::name).orElse("")).isEqualTo(rules.get(id));
            assertThat(replay.rootBefore(id)).isEqualTo(known.before());
            assertThat(replay.rootAfter(id)).isEqualTo(known.after());
          }
          Head head = fixture.head();
          assertThat(replay.currentRoot()).isEqualTo(head.root());
          assertThat(replay.extremities())
              .containsExactlyElementsOf(
                  head.tips().stream().map(Head.Tip::event).sorted().toList());
        });
  }

  private static Verdict verdict(DagVerdict verdict) {
    if (verdict.isAccepted()) {
      return Verdict.ACCEPTED;
    }
    return verdict.isSoftFailed() ? Verdict.SOFT_FAILED : Verdict.REJECTED;
  }

  private static Map<EventId, String> rules(RoomFixture fixture) {
    Map<EventId, String> rules = new TreeMap<>();
    for (RoomRecord record : fixture.records) {
      if (record instanceof RoomRecord.EventDecided event) {
        rules.put(event.eventId(), Objects.requireNonNullElse(event.rule(), ""));
      }
    }
    return rules;
  }

  private static RoomCommand received(RoomFixture fixture, Pdu pdu) {
    ObjectNode json = Json.object();
    json.setAll(pdu.json());
    String server = pdu.sender().server().value();
    json.putObject("signatures").putObject(server).put("ed25519:1", "sig");
    return new RoomCommand.ReceiveEvent(
        fixture.nextId(), RoomFixture.TS, fixture.room, ORIGIN, json, true);
  }
}
