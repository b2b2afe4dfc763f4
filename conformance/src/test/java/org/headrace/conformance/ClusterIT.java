package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.ClusterScript;
import org.headrace.conformance.server.SharedCluster;
import org.headrace.conformance.server.TraceCollector;
import org.headrace.conformance.server.TraceCollector.Sent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What holds of one process holds of a cluster: 3 brokers, a Cassandra, 2 processes of each role
 * and a gateway, all on this machine. Long: {@code -Dheadrace.cluster.messages}.
 */
@DisabledIfSystemProperty(
    named = "headrace.cluster",
    matches = "false",
    disabledReason = "no cluster is wanted")
@ExtendWith(SharedCluster.class)
class ClusterIT {
  private static final int MESSAGES_EACH = Integer.getInteger("headrace.cluster.messages", 50);
  private static final int DEADLINE_SECONDS = 240;
  private static final Duration TRACE_DEADLINE = Duration.ofMinutes(2);
  private static final int ROOMS = 4;
  private static final int ATTEMPTS_MAX = 5;

  @Test
  void twoRealClientsMissNothing(ClusterScript cluster) {
    NodeScenario.Result result =
        NodeScenario.run(cluster.baseUrl(), MESSAGES_EACH, DEADLINE_SECONDS, acknowledged -> {});
    String shown = result.report().toPrettyString() + "\n" + result.said();
    assertThat(result.exitCode()).as(shown).isZero();
    assertThat(result.report().path("right").asBoolean()).as(shown).isTrue();
    assertThat(result.report().path("views"))
        .allSatisfy(view -> assertThat(view.path("events").asInt()).isEqualTo(2 * MESSAGES_EACH));
  }

  /** One request in ten that writes is traced: messages are said until the way of one is seen. */
  @Test
  void oneTraceFollowsAMessageThroughTheProcesses(ClusterScript cluster) {
    assumeTrue(cluster.traces().isPresent(), "who started it did not ask for traces");
    TraceCollector traces = cluster.traces().orElseThrow();
    Client alice = Client.register(cluster.baseUrl(), Client.unique("alice"));
    String room = alice.createRoom();
    Set<String> said = new LinkedHashSet<>();
    List<String> roles = List.of("ingest", "rooms", "projector", "api");
    Patience.until(
        () -> {
          alice.sync();
          said.add(say(alice, room));
          alice.syncRequest("timeout=1000&since=" + alice.since()).ok();
          return ways(traces, said).contains(roles);
        },
        TRACE_DEADLINE);
    assertThat(ways(traces, said)).contains(roles);
  }

  private static String say(Client client, String room) {
    Reply reply =
        client.send(room, "m.room.message", Client.unique("t"), Client.text("is it traced?"));
    return reply.ok().path("event_id").asText();
  }

  /** For each trace of one of these events, the roles of the processes that it names, in order. */
  private static Set<List<String>> ways(TraceCollector collector, Set<String> events) {
    Map<String, TreeMap<Long, String>> traces = new TreeMap<>();
    for (Sent span : collector.spans()) {
      if (events.contains(span.attributes().getOrDefault("matrix.event_id", ""))
          || span.name().equals("sync")) {
        traces
            .computeIfAbsent(span.trace(), unseen -> new TreeMap<>())
            .put(span.begunNanos(), span.node().replaceAll("-.*", ""));
      }
    }
    return traces.values().stream()
        .map(spans -> spans.values().stream().distinct().toList())
        .collect(Collectors.toSet());
  }

  @Test
  void whatWasAcknowledgedSurvivesTheDeathOfProcesses(ClusterScript cluster) {
    Client alice = Client.register(cluster.baseUrl(), Client.unique("alice"));
    Map<String, List<String>> sent = new LinkedHashMap<>();
    for (int i = 0; i < ROOMS; i++) {
      sent.put(alice.createRoom(), new ArrayList<>());
    }
    for (String victim : List.of("rooms-1", "projector-1", "broker-1")) {
      cluster.kill(victim);
      sent.forEach((room, ids) -> ids.add(sayUntilTaken(alice, room, victim)));
      cluster.start(victim);
    }
    sent.forEach((room, ids) -> assertThat(messages(alice, room)).isEqualTo(ids));
  }

  /** As a client does: what was not answered is sent again under its transaction id. */
  private static String sayUntilTaken(Client client, String room, String victim) {
    Reply reply = null;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      reply =
          client.send(
              room,
              "m.room.message",
              "while-" + victim + "-is-dead",
              Client.text("while " + victim + " is dead"));
      if (reply.status() < 500) {
        break;
      }
    }
    return reply.ok().path("event_id").asText();
  }

  /** The ids of all messages of a room, oldest first. */
  private static List<String> messages(Client reader, String room) {
    List<String> ids = new ArrayList<>();
    for (JsonNode event : reader.messages(room, "dir=f&limit=100").ok().path("chunk")) {
      if (event.path("type").asText().equals("m.room.message")) {
        ids.add(event.path("event_id").asText());
      }
    }
    return ids;
  }
}
