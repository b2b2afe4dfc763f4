package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand.Closing;
import org.headrace.schema.command.RoomCommand.CreateRoom;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.UpgradeRoom;
import org.headrace.schema.command.RoomLimits;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an upgrade makes of a room. */
@QuarkusTest
class UpgradeTest {
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final UserId BOB = new UserId("@bob:one.test");

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;

  private final HttpClient http = HttpClient.newHttpClient();

  private record Reply(int status, JsonNode json) {}

  @BeforeEach
  void prepare() {
    log.reset();
    server.accounts().addSession("token", ALICE, "PHONE");
    server.accounts().addSession("bob", BOB, "PHONE");
    server.accounts().clearAliases();
    server.rooms().clear();
  }

  @ParameterizedTest
  @CsvSource({"10, 12", "11, 12", "12, 12", "12, 11", "9, 10"})
  void theNewRoomTakesOverTheOldOnesState(String from, String to) throws Exception {
    RoomBuilder old = RoomBuilder.publicRoom(RoomVersion.find(from).orElseThrow(), ALICE);
    old.state(ALICE, "m.room.name", "", Json.object().put("name", "N"));
    ObjectNode lobby = Json.object().put("alias", "#lobby:one.test");
    Pdu named = old.state(ALICE, "m.room.canonical_alias", "", lobby);
    old.state(ALICE, "org.example.own", "", Json.object().put("a", 1));
    server.rooms().load(old);
    RoomAlias alias = new RoomAlias("#lobby:one.test");
    server.accounts().aliases.put(alias, old.roomId());
    Reply reply = upgrade(old, "token", to);
    assertThat(reply.status()).as(reply.json().toString()).isEqualTo(200);

    assertThat(log.rooms()).hasSize(1);
    assertThat(log.accounts()).isEmpty();
    UpgradeRoom command = (UpgradeRoom) log.rooms().getFirst();
    assertThat(command.roomId()).isEqualTo(old.roomId());
    CreateRoom create = command.create();
    assertThat(reply.json().path("replacement_room").asText()).isEqualTo(create.roomId().value());
    assertThat(create.roomVersion()).isEqualTo(to);
    JsonNode content = create.createEvent().path("content");
    assertThat(content.path("predecessor").path("room_id").asText())
        .isEqualTo(old.roomId().value());
    assertThat(create.events())
        .extracting(Draft::type)
        .contains("m.room.name", "m.room.join_rules", "m.room.canonical_alias")
        .doesNotContain("org.example.own");
    // The last levels are the old room's, as the new version has its creators.
    Draft levels = create.events().getLast();
    assertThat(levels.type()).isEqualTo("m.room.power_levels");
    assertThat(levels.content().path("users").has(ALICE.value())).isEqualTo(!to.equals("12"));

    Closing closing = command.closing();
    assertThat(closing.tombstone().type()).isEqualTo("m.room.tombstone");
    assertThat(closing.tombstone().content().path("replacement_room").asText())
        .isEqualTo(create.roomId().value());
    assertThat(closing.revisions())
        .extracting(revision -> revision.draft().type())
        .containsExactly("m.room.canonical_alias", "m.room.power_levels");
    assertThat(closing.revisions().getFirst().of()).isEqualTo(named.id());
    assertThat(closing.revisions().getFirst().draft().content()).isEmpty();
    JsonNode quiet = closing.revisions().getLast().draft().content();
    assertThat(quiet.path("events_default").asInt()).isEqualTo(50);
    assertThat(closing.aliases()).containsExactly(alias);
    assertThat(closing.mayMoveOthers()).isTrue();
    assertThat(closing.directory()).isNull();
  }

  @Test
  void anUpgradeMovesABoundedNumberOfItsOwnServersAliasesThoseThatTheRoomNamesFirst()
      throws Exception {
    RoomBuilder old = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    RoomAlias main = new RoomAlias("#main:one.test");
    RoomAlias alternative = new RoomAlias("#alternative:one.test");
    ObjectNode names = Json.object().put("alias", main.value());
    names.putArray("alt_aliases").add(alternative.value());
    old.state(ALICE, "m.room.canonical_alias", "", names);
    server.rooms().load(old);
    RoomAlias elsewhere = new RoomAlias("#main:two.test");
    server.accounts().aliases.put(elsewhere, old.roomId());
    for (int i = 0; i < RoomLimits.UPGRADE_ALIASES_MAX; i++) {
      server.accounts().aliases.put(new RoomAlias("#a" + i + ":one.test"), old.roomId());
    }
    server.accounts().aliases.put(main, old.roomId());
    server.accounts().aliases.put(alternative, old.roomId());
    assertThat(closing(old, "token").aliases())
        .startsWith(main, alternative)
        .hasSize(RoomLimits.UPGRADE_ALIASES_MAX)
        .doesNotContain(elsewhere);
  }

  @Test
  void whoMayNotMoveTheCanonicalAliasLeavesItInTheOldRoom() throws Exception {
    RoomBuilder old = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    old.join(BOB);
    RoomAlias main = new RoomAlias("#main:one.test");
    RoomAlias own = new RoomAlias("#own:one.test");
    ObjectNode names = Json.object().put("alias", main.value());
    old.state(ALICE, "m.room.canonical_alias", "", names);
    ObjectNode levels = Json.object();
    levels.putObject("users").put(ALICE.value(), 100).put(BOB.value(), 50);
    levels.putObject("events").put("m.room.canonical_alias", 100).put("m.room.tombstone", 50);
    old.state(ALICE, "m.room.power_levels", "", levels);
    server.rooms().load(old);
    server.accounts().aliases.put(main, old.roomId());
    server.accounts().aliases.put(own, old.roomId());
    server.accounts().aliasCreators.put(main, ALICE);
    server.accounts().aliasCreators.put(own, BOB);
    assertThat(closing(old, "bob").aliases()).containsExactly(own);
    UpgradeRoom command = (UpgradeRoom) log.rooms().getFirst();
    assertThat(command.create().events())
        .extracting(Draft::type)
        .doesNotContain("m.room.canonical_alias");
    assertThat(command.closing().revisions())
        .extracting(revision -> revision.draft().type())
        .containsExactly("m.room.power_levels");
  }

  /** What an upgrade by this user has the old room do; the aliases move at once. */
  private Closing closing(RoomBuilder old, String token) throws Exception {
    log.onSubmit(
        command -> {
          UpgradeRoom upgrade = (UpgradeRoom) command;
          upgrade
              .closing()
              .aliases()
              .forEach(alias -> server.accounts().aliases.put(alias, upgrade.create().roomId()));
        });
    assertThat(upgrade(old, token, "11").status()).isEqualTo(200);
    return ((UpgradeRoom) log.rooms().getFirst()).closing();
  }

  @Test
  void aSecondRequestWaitsForWhatTheFirstBegan() throws Exception {
    RoomBuilder old = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    server.rooms().load(old);
    log.answerNext(Json.object().put("pending", "of the first").put("replacement_room", "!first"));
    log.onSubmit(
        command -> {
          ObjectNode content = Json.object().put("replacement_room", "!first");
          old.state(ALICE, "m.room.tombstone", "", content);
          server.rooms().load(old);
        });
    assertThat(upgrade(old, "token", "12").json().path("replacement_room").asText())
        .isEqualTo("!first");
  }

  @Test
  void onlyWhoMaySendATombstoneUpgrades() throws Exception {
    RoomBuilder old = RoomBuilder.publicRoom(RoomVersion.V11, ALICE);
    old.join(BOB);
    server.rooms().load(old);
    assertThat(upgrade(old, "bob", "12").status()).isEqualTo(403);
    Reply unknown = upgrade(old, "token", "99");
    assertThat(unknown.json().path("errcode").asText()).isEqualTo("M_UNSUPPORTED_ROOM_VERSION");
    assertThat(log.rooms()).isEmpty();
  }

  private Reply upgrade(RoomBuilder old, String token, String version) throws Exception {
    ObjectNode body = Json.object().put("new_version", version);
    URI uri =
        URI.create(
            "http://"
                + base.getHost()
                + ":"
                + base.getPort()
                + "/_matrix/client/v3/rooms/"
                + old.roomId()
                + "/upgrade");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }
}
