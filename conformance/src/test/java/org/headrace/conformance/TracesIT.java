package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.TraceCollector;
import org.headrace.conformance.server.TraceCollector.Sent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a server that traces all, and logs in JSON, tells of a message: its way, not what it says.
 */
class TracesIT {
  private static final String PUT =
      "PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}";
  private static final String OF_THE_CLIENT = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static TraceCollector collector;
  private static HeadraceProcess server;

  @BeforeAll
  static void start() {
    collector = new TraceCollector();
    server =
        HeadraceProcess.start(
            "--traces", collector.url().toString(), "--traces-ratio", "1", "--log-format", "json");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (collector != null) {
      collector.close();
    }
  }

  @Test
  void oneTraceFollowsAMessageFromPutToSync() throws Exception {
    Client alice = Client.register(server.baseUrl(), "alice");
    String room = alice.createRoom();
    alice.sync();
    String text = Client.unique("said");
    String event = say(alice, room, text);

    Sent put = span(sent -> sent.name().equals(PUT) && isOf(sent, event));
    assertThat(put.parent()).isEmpty();
    assertThat(put.trace()).isNotEqualTo(OF_THE_CLIENT);
    assertThat(put.attributes()).containsEntry("matrix.room_id", room);
    Sent decide = child("decide room.commands", put);
    assertThat(decide.attributes()).containsEntry("matrix.room_id", room);
    assertThat(isOf(decide, event)).isTrue();
    Sent project = child("project room.log", decide);
    assertThat(isOf(project, event)).isTrue();
    Sent sync = answered(alice, project);
    assertThat(sync.attributes()).containsEntry("matrix.room_id", room);

    for (Sent span : collector.spans()) {
      assertThat(Set.of("matrix.room_id", "matrix.event_id"))
          .containsAll(span.attributes().keySet());
    }
    String told = collector.spans() + server.output() + log();
    for (String secret : List.of(text, alice.token(), Client.password(alice.localpart()))) {
      assertThat(told).doesNotContain(secret);
    }
  }

  @Test
  void aLineOfTheLogIsAnObject() throws Exception {
    for (String line : (server.output() + log()).lines().toList()) {
      JsonNode object = Json.parse(line);
      for (String member : List.of("timestamp", "level", "loggerName", "message")) {
        assertThat(object.path(member).asText()).as("%s of %s", member, line).isNotEmpty();
      }
    }
  }

  private static String log() throws Exception {
    return Files.readString(server.data().resolve("headrace.log"));
  }

  /** With a trace of the client's own, in which nothing of it is to be found. */
  private static String say(Client client, String room, String text) throws Exception {
    String path =
        Client.path(Client.V3 + "/rooms/{}/send/m.room.message/{}", room, Client.unique("t"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(client.baseUrl() + path))
            .header("Authorization", "Bearer " + client.token())
            .header("traceparent", "00-" + OF_THE_CLIENT + "-00f067aa0ba902b7-01")
            .PUT(HttpRequest.BodyPublishers.ofString(Client.text(text).toString()))
            .build();
    String answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    return Json.parse(answer).path("event_id").asText();
  }

  private static boolean isOf(Sent span, String event) {
    return event.equals(span.attributes().get("matrix.event_id"));
  }

  private static Sent span(Predicate<Sent> wanted) throws InterruptedException {
    return collector.await(spans -> spans.stream().filter(wanted).findFirst());
  }

  private static Predicate<Sent> isChild(String name, Sent parent) {
    return sent ->
        sent.name().equals(name)
            && sent.trace().equals(parent.trace())
            && sent.parent().equals(parent.id());
  }

  private static Sent child(String name, Sent parent) throws InterruptedException {
    return span(isChild(name, parent));
  }

  /**
   * The span of an answer with what was projected. Rows may be read before their tick is, in no
   * trace then; so the same is asked for until the tick has come.
   */
  private static Sent answered(Client client, Sent project) throws InterruptedException {
    Predicate<Sent> wanted = isChild("sync", project);
    Patience.until(
        () -> {
          client.syncRequest("timeout=0&since=" + client.since()).ok();
          return collector.spans().stream().anyMatch(wanted);
        });
    return span(wanted);
  }
}
