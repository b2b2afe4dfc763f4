package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.SharedServer;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.federation.fixture.KeyDocument;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.federation.fixture.TestAuthority;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server tells any other: who it is, where, whose keys it knows, which rooms it shows. */
class ServerEndpointsIT {
  private static final ServerName HERE = new ServerName(HeadraceProcess.SERVER_NAME);
  private static final String V1 = "/_matrix/federation/v1";
  private static final String KEYS = "/_matrix/key/v2";
  private static final String DELEGATE = "matrix.here.example:443";
  private static final TestAuthority AUTHORITY = new TestAuthority("Server endpoints");

  @TempDir private static Path folder;
  private static HeadraceProcess process;
  private static ValidatingProxy proxy;
  private static NeighbourServer neighbour;
  private static Client nobody;

  @BeforeAll
  static void start() throws IOException {
    Path pem = AUTHORITY.writePem(folder.resolve("authority.pem"));
    process =
        HeadraceProcess.start(
            "--federation-ca",
            pem.toString(),
            "--federation-addresses",
            "127.0.0.0/8",
            "--federation-delegate",
            DELEGATE);
    proxy = ValidatingProxy.before(process.baseUrl(), SharedServer.validator());
    neighbour = new NeighbourServer(AUTHORITY, 31);
    nobody = Client.nobody(proxy.baseUrl());
  }

  @AfterAll
  static void stop() {
    neighbour.close();
    proxy.close();
    process.close();
  }

  @AfterEach
  void everyResponseWasAsDeclared() {
    SharedServer.failOn(proxy.takeViolations());
  }

  @Test
  void itSaysWhatItIsAndWhereItIs() throws IOException {
    JsonNode server = nobody.get(V1 + "/version").ok().path("server");
    assertThat(server.path("name").asText()).isEqualTo("Headrace");
    assertThat(server.path("version").asText()).isNotBlank();
    JsonNode wellKnown = nobody.get("/.well-known/matrix/server").ok();
    assertThat(wellKnown.path("m.server").asText()).isEqualTo(DELEGATE);
  }

  // A notary

  @Test
  void aNotarySignsWhatAServerPublishes() {
    JsonNode answer = nobody.get(KEYS + "/query/" + neighbour.name()).ok().path("server_keys");
    assertThat(answer).hasSize(1);
    requireOfNeighbour((ObjectNode) answer.path(0));
    JsonNode own = nobody.get(KEYS + "/query/" + HERE).ok().path("server_keys");
    assertThat(own).hasSize(1);
    requireSignedHere((ObjectNode) own.path(0));
    assertThat(own.path(0).path("server_name").asText()).isEqualTo(HERE.value());
  }

  @Test
  void aNotaryIsAskedForManyAtOnceAndAnswersWhatCanBeHad() {
    ObjectNode asked = Json.object();
    ObjectNode servers = asked.putObject("server_keys");
    servers
        .putObject(neighbour.name().value())
        .putObject("ed25519:r")
        .put("minimum_valid_until_ts", System.currentTimeMillis());
    servers.putObject("127.0.0.1:1");
    servers.putObject(HERE.value());
    JsonNode answer = nobody.post(KEYS + "/query", asked).ok().path("server_keys");
    assertThat(answer).hasSize(2);
    for (JsonNode document : answer) {
      if (document.path("server_name").asText().equals(HERE.value())) {
        requireSignedHere((ObjectNode) document);
      } else {
        requireOfNeighbour((ObjectNode) document);
      }
    }
  }

  @Test
  void aNotaryHandsOnNothingThatTheServerDidNotSign() {
    try (NeighbourServer liar = new NeighbourServer(AUTHORITY, 32)) {
      Neighbour other = Neighbour.of(liar.name().value(), 33);
      ObjectNode document =
          new KeyDocument(liar.name().value(), System.currentTimeMillis() + 86_400_000L)
              .with(other.key())
              .signed();
      document.putObject("signatures");
      liar.answer("server", asked -> NeighbourServer.ok(document));
      assertThat(nobody.get(KEYS + "/query/" + liar.name()).ok().path("server_keys")).isEmpty();
    }
  }

  @Test
  void aNotaryRefusesWhatIsNoQuery() {
    nobody.get(KEYS + "/query/no_name!").fails(400, "M_INVALID_PARAM");
    nobody.post(KEYS + "/query", Json.object()).fails(400, "M_MISSING_PARAM");
    ObjectNode many = Json.object();
    ObjectNode servers = many.putObject("server_keys");
    for (int i = 0; i < 101; i++) {
      servers.putObject("s" + i + ".example");
    }
    nobody.post(KEYS + "/query", many).fails(400, "M_INVALID_PARAM");
  }

  private static void requireOfNeighbour(ObjectNode document) {
    assertThat(document.path("server_name").asText()).isEqualTo(neighbour.name().value());
    assertThat(document.path("verify_keys").has(neighbour.self().key().keyId())).isTrue();
    assertThat(
            JsonSigner.verify(
                document,
                neighbour.name().value(),
                neighbour.self().key().keyId(),
                neighbour.self().key().publicKey()))
        .isTrue();
    requireSignedHere(document);
  }

  private static void requireSignedHere(ObjectNode document) {
    var key = nobody.get(KEYS + "/server").ok().path("verify_keys").properties().iterator().next();
    byte[] bytes = UnpaddedBase64.decode(key.getValue().path("key").asText());
    assertThat(JsonSigner.verify(document, HERE.value(), key.getKey(), bytes)).isTrue();
  }

  // Published rooms

  @Test
  void publishedRoomsAreShownToServersThatSign() throws Exception {
    Client alice = Client.register(proxy.baseUrl(), "alice");
    String small = alice.createRoom("visibility", "public", "name", "Small pond");
    String large = alice.createRoom("visibility", "public", "name", "Large lake");
    String hidden = alice.createRoom("preset", "public_chat", "name", "Hidden lake");
    Client bob = Client.register(proxy.baseUrl(), "bob");
    bob.join(large);

    nobody.get(V1 + "/publicRooms").fails(401, "M_UNAUTHORIZED");
    JsonNode first = ok(signed("GET", "/publicRooms?limit=1", null));
    assertThat(ids(first)).containsExactly(large);
    assertThat(first.path("total_room_count_estimate").asInt()).isEqualTo(2);
    String next = Client.encode(first.path("next_batch").asText());
    JsonNode second = ok(signed("GET", "/publicRooms?limit=1&since=" + next, null));
    assertThat(ids(second)).containsExactly(small);
    assertThat(second.has("next_batch")).isFalse();
    assertThat(signed("GET", "/publicRooms?limit=none", null).statusCode()).isEqualTo(400);

    ObjectNode search = Json.object();
    search.putObject("filter").put("generic_search_term", "lake");
    assertThat(ids(ok(signed("POST", "/publicRooms", search)))).containsExactly(large);
    assertThat(ids(ok(signed("POST", "/publicRooms", Json.object())))).doesNotContain(hidden);
    ObjectNode odd = Json.object().put("filter", 5);
    assertThat(signed("POST", "/publicRooms", odd).statusCode()).isEqualTo(400);
  }

  private static HttpResponse<byte[]> signed(String method, String path, ObjectNode body)
      throws Exception {
    return neighbour.self().send(method, proxy.baseUrl(), V1 + path, HERE, body);
  }

  private static JsonNode ok(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(200);
    return Json.parse(answer.body());
  }

  private static List<String> ids(JsonNode page) {
    return page.path("chunk").findValuesAsText("room_id");
  }

  // OpenID

  @Test
  void anOpenIdTokenTellsWhoseItIs() {
    Client alice = Client.register(proxy.baseUrl(), "alice");
    String path = Client.path(Client.V3 + "/user/{}/openid/request_token", alice.userId());
    String token = alice.post(path, Json.object()).ok().path("access_token").asText();
    JsonNode info = nobody.get(userInfo(token)).ok();
    assertThat(info.path("sub").asText()).isEqualTo(alice.userId());
    nobody.get(userInfo(token + "x")).fails(401, "M_UNKNOWN_TOKEN");
    nobody.get(userInfo(alice.token())).fails(401, "M_UNKNOWN_TOKEN");
    nobody.get(V1 + "/openid/userinfo").fails(400, "M_MISSING_PARAM");
  }

  private static String userInfo(String token) {
    return V1 + "/openid/userinfo?access_token=" + Client.encode(token);
  }
}
