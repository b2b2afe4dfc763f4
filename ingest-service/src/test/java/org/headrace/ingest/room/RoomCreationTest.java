package org.headrace.ingest.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomCreationTest {
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final UserId BOB = new UserId("@bob:one.test");

  private final AtomicInteger entropy = new AtomicInteger();

  private RoomCommand.CreateRoom create(String body) {
    RoomRequest request =
        RoomRequest.parse(JsonBody.parse(body.getBytes(StandardCharsets.UTF_8)), ALICE);
    return new RoomCreation(
            request,
            ALICE,
            user -> Json.object().put("displayname", user.localpart()),
            user -> false,
            count -> {
              byte[] bytes = new byte[count];
              bytes[0] = (byte) entropy.incrementAndGet();
              return bytes;
            })
        .command("id", 1000);
  }

  private static List<String> names(RoomCommand.CreateRoom command) {
    return command.events().stream().map(draft -> draft.type() + "|" + draft.stateKey()).toList();
  }

  private static ObjectNode content(RoomCommand.CreateRoom command, String type) {
    return command.events().stream()
        .filter(draft -> draft.type().equals(type))
        .map(Draft::content)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  @Test
  void eventsComeInTheSpecifiedOrder() {
    RoomCommand.CreateRoom command =
        create(
            """
            {"name": "N", "topic": "T", "room_alias_name": "pub", "is_direct": true,
             "invite": ["@bob:one.test", "@alice:one.test", "@bob:one.test"],
             "initial_state": [{"type": "m.room.name", "content": {"name": "lost"}},
                               {"type": "m.x", "state_key": "k", "content": {}}]}
            """);
    assertThat(names(command))
        .containsExactly(
            "m.room.member|@alice:one.test",
            "m.room.power_levels|",
            "m.room.canonical_alias|",
            "m.room.join_rules|",
            "m.room.history_visibility|",
            "m.room.guest_access|",
            "m.room.name|",
            "m.x|k",
            "m.room.name|",
            "m.room.topic|",
            "m.room.member|@bob:one.test");
    assertThat(content(command, "m.room.name").path("name").asText()).isEqualTo("N");
    ObjectNode invite = command.events().getLast().content();
    assertThat(invite.path("membership").asText()).isEqualTo("invite");
    assertThat(invite.path("displayname").asText()).isEqualTo("bob");
    assertThat(invite.path("is_direct").asBoolean()).isTrue();
    assertThat(content(command, "m.room.topic").at("/m.topic/m.text/0/body").asText())
        .isEqualTo("T");
  }

  @Test
  void equalRequestsInOneMillisecondAreTwoRooms() {
    assertThat(create("{}").roomId()).isNotEqualTo(create("{}").roomId());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3", "10", "11", "12"})
  void mintsACreateEventOfItsVersion(String id) {
    RoomVersion version = RoomVersion.find(id).orElseThrow();
    RoomCommand.CreateRoom command =
        create(
            "{\"room_version\": \""
                + id
                + "\", \"creation_content\": "
                + "{\"m.federate\": false, \"room_version\": \"1\", \"creator\": \"@x:y\"}}");
    ObjectNode event = command.createEvent();
    assertThat(EventFormat.check(event, version)).isEmpty();
    assertThat(EventHashes.contentHashMatches(event, version)).isTrue();
    assertThat(EventHashes.roomIdOfCreate(event, version)).isEqualTo(command.roomId());
    assertThat(event.has("room_id")).isEqualTo(!id.equals("12"));
    ObjectNode content = (ObjectNode) event.path("content");
    assertThat(content.path("room_version").asText()).isEqualTo(id);
    assertThat(content.path("m.federate").asBoolean(true)).isFalse();
    boolean creatorInContent = version.auth().creatorInContent();
    assertThat(content.path("creator").asText())
        .isEqualTo(creatorInContent ? "@alice:one.test" : "");
    assertThat(content(command, "m.room.power_levels").path("users").has(ALICE.value()))
        .isEqualTo(!id.equals("12"));
  }

  @ParameterizedTest
  @CsvSource({
    "{}, invite, true, 0",
    "'{\"visibility\": \"public\"}', public, false, 50",
    "'{\"preset\": \"public_chat\", \"visibility\": \"private\"}', public, false, 50",
    "'{\"preset\": \"trusted_private_chat\"}', invite, true, 0",
  })
  void presetsSetRules(String body, String joinRule, boolean guestsMayJoin, int invite) {
    RoomCommand.CreateRoom command = create(body);
    assertThat(content(command, "m.room.join_rules").path("join_rule").asText())
        .isEqualTo(joinRule);
    assertThat(names(command).contains("m.room.guest_access|")).isEqualTo(guestsMayJoin);
    assertThat(content(command, "m.room.power_levels").path("invite").asInt()).isEqualTo(invite);
    assertThat(content(command, "m.room.history_visibility").path("history_visibility").asText())
        .isEqualTo("shared");
  }

  @Test
  void theInvitedOfATrustedChatHaveTheCreatorsPower() {
    String body =
        "{\"preset\": \"trusted_private_chat\", \"invite\": [\"@bob:one.test\"],"
            + " \"creation_content\": {\"additional_creators\": [\"@bob:one.test\", \"@c:x\"]},"
            + " \"room_version\": \"%s\"}";
    RoomCommand.CreateRoom newest = create(body.formatted("12"));
    assertThat(newest.createEvent().at("/content/additional_creators").toString())
        .isEqualTo("[\"@bob:one.test\",\"@c:x\"]");
    assertThat(content(newest, "m.room.power_levels").path("users").isEmpty()).isTrue();
    RoomCommand.CreateRoom older = create(body.formatted("11"));
    assertThat(content(older, "m.room.power_levels").path("users").path(BOB.value()).asInt())
        .isEqualTo(100);
  }

  @Test
  void tombstonesTakeMoreThanStateFromVersion12On() {
    ObjectNode levels = content(create("{}"), "m.room.power_levels");
    assertThat(levels.at("/events/m.room.tombstone").asInt())
        .isGreaterThan(levels.path("state_default").asInt());
    assertThat(levels.at("/events/m.room.tombstone").asInt()).isEqualTo(150);
  }

  @Test
  void powerLevelsCanBeOverridden() {
    ObjectNode levels =
        content(
            create("{\"power_level_content_override\": {\"events_default\": 10, \"events\": {}}}"),
            "m.room.power_levels");
    assertThat(levels.path("events_default").asInt()).isEqualTo(10);
    assertThat(levels.path("events").isEmpty()).isTrue();
    assertThat(levels.path("state_default").asInt()).isEqualTo(50);
  }

  @Test
  void refusesCreatorsThatAreNoList() {
    assertThatThrownBy(
            () ->
                create(
                    "{\"preset\": \"trusted_private_chat\","
                        + " \"creation_content\": {\"additional_creators\": \"@b:x\"}}"))
        .isInstanceOf(MatrixError.class);
  }
}
