package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.core.id.ServerName;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.TestAuthority;

/**
 * A Headrace that other servers attack, and two of its users who talk in a room of their own: they
 * are to notice nothing.
 */
final class Attacked implements AutoCloseable {
  static final ServerName HERE = new ServerName(HeadraceProcess.SERVER_NAME);
  private static final int ORIGINS_MAX = 1_000;

  final TestAuthority authority = new TestAuthority("Bad servers");
  final HeadraceProcess process;
  final Client alice;
  final Client bob;
  final String room;
  private final Path folder;

  Attacked() {
    try {
      folder = Files.createTempDirectory("headrace-bad-servers-");
      Path pem = authority.writePem(folder.resolve("authority.pem"));
      Path hosts = Files.writeString(folder.resolve("hosts"), Origins.hosts(ORIGINS_MAX));
      process =
          HeadraceProcess.startWith(
              "-Djdk.net.hosts.file=" + hosts,
              "--federation-ca",
              pem.toString(),
              "--federation-addresses",
              "127.0.0.0/8");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    alice = Client.register(process.baseUrl(), "alice");
    bob = Client.register(process.baseUrl(), "bob");
    room = alice.createRoom("preset", "public_chat");
    bob.join(room);
  }

  NeighbourServer neighbour(int seed) {
    return new NeighbourServer(authority, seed).keepingJoins();
  }

  /** Alice joins the room that the neighbour holds, through it. */
  Reply join(NeighbourServer through) {
    String id = through.roomId().value();
    return alice.post(
        Client.path(Client.V3 + "/join/{}?via={}&server_name={}", id, name(through), name(through)),
        Json.object());
  }

  private static String name(NeighbourServer server) {
    return server.name().value();
  }

  /** What the honest room's people notice: nothing. */
  void assertHonestRoomServes() {
    String event = alice.say(room, "is anybody there?");
    bob.syncUntil("what alice says", answer -> has(answer, room, event));
    assertThat(process.isAlive()).isTrue();
  }

  /** Alice sees the event of the attacked room, which thus has not stalled. */
  void awaitSeen(String roomId, String event) {
    alice.syncUntil(event, answer -> has(answer, roomId, event));
  }

  boolean isShown(String roomId, String event) {
    return alice.get(Client.path(Client.V3 + "/rooms/{}/event/{}", roomId, event)).status() == 200;
  }

  private static boolean has(JsonNode sync, String roomId, String event) {
    return Json.each(sync.at("/rooms/join").path(roomId).at("/timeline/events"), "event_id")
        .contains(event);
  }

  /** A transaction; its answer's status is checked, its body given. */
  ObjectNode transaction(int status, Neighbour origin, String id, ObjectNode body) {
    HttpResponse<byte[]> answer = put(origin, id, body);
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(status);
    return (ObjectNode) Json.parse(new String(answer.body()));
  }

  HttpResponse<byte[]> put(Neighbour origin, String id, ObjectNode body) {
    try {
      String target = "/_matrix/federation/v1/send/" + id;
      return origin.send("PUT", process.baseUrl(), target, HERE, body);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static ObjectNode of(Neighbour origin, List<? extends JsonNode> pdus) {
    ObjectNode body =
        org.headrace.core.json.Json.object()
            .put("origin", origin.name().value())
            .put("origin_server_ts", System.currentTimeMillis());
    ArrayNode array = body.putArray("pdus");
    pdus.forEach(array::add);
    return body;
  }

  /** Nothing of what came was an error of the server's own. */
  void assertNoErrorsLogged() {
    assertThat(process.output()).doesNotContain("\tat ");
    try (var lines = Files.lines(process.data().resolve("headrace.log"))) {
      assertThat(lines.filter(line -> line.contains(" ERROR ")).toList()).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
    try {
      Files.delete(folder.resolve("authority.pem"));
      Files.delete(folder.resolve("hosts"));
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
