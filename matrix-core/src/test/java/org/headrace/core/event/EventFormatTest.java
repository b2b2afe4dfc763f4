package org.headrace.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventFormatTest {
  private static final UserId ALICE = new UserId("@alice:a");

  @ParameterizedTest
  @MethodSource("org.headrace.core.roomversion.RoomVersion#supportedStable")
  void acceptsWhatABuilderMakes(RoomVersion version) {
    RoomBuilder room = RoomBuilder.publicRoom(version, ALICE);
    room.message(ALICE, "hi");
    for (Pdu event : room.events()) {
      assertThat(EventFormat.check(event.json(), version)).isEmpty();
    }
  }

  static Stream<Arguments> malformations() {
    return Stream.of(
        malformed("no type", e -> e.remove("type")),
        malformed("type of another type", e -> e.put("type", 1)),
        malformed("long type", e -> e.put("type", "x".repeat(256))),
        malformed("long type in bytes", e -> e.put("type", "é".repeat(128))),
        malformed("long state key", e -> e.put("state_key", "x".repeat(256))),
        malformed("state key null", e -> e.putNull("state_key")),
        malformed("no sender", e -> e.remove("sender")),
        malformed("sender is no user id", e -> e.put("sender", "alice")),
        malformed("long sender", e -> e.put("sender", "@" + "x".repeat(255) + ":a")),
        malformed("no room id", e -> e.remove("room_id")),
        malformed("room id is none", e -> e.put("room_id", "room")),
        malformed("no content", e -> e.remove("content")),
        malformed("content is a list", e -> e.putArray("content")),
        malformed("no depth", e -> e.remove("depth")),
        malformed("depth is text", e -> e.put("depth", "1")),
        malformed("depth below 0", e -> e.put("depth", -1)),
        malformed("depth too large", e -> e.put("depth", CanonicalJson.INTEGER_MAX + 1)),
        malformed("no time", e -> e.remove("origin_server_ts")),
        malformed("time is a float", e -> e.put("origin_server_ts", 1.5)),
        malformed("no hashes", e -> e.remove("hashes")),
        malformed("hashes without sha256", e -> e.putObject("hashes")),
        malformed("signatures is a list", e -> e.putArray("signatures")),
        malformed(
            "signature is a number", e -> e.putObject("signatures").putObject("a").put("k", 1)),
        malformed("unsigned is text", e -> e.put("unsigned", "x")),
        malformed("no prev_events", e -> e.remove("prev_events")),
        malformed("21 prev_events", e -> fill(e.putArray("prev_events"), 21)),
        malformed("11 auth_events", e -> fill(e.putArray("auth_events"), 11)),
        malformed("prev_events of numbers", e -> e.putArray("prev_events").add(1)),
        malformed("float in content", e -> content(e).put("x", 1.5)),
        malformed("large integer", e -> content(e).put("x", CanonicalJson.INTEGER_MAX + 1)),
        malformed("lone surrogate", e -> content(e).put("x", "\ud800")),
        malformed("too large", e -> content(e).put("x", "x".repeat(65_536))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformations")
  void refuses(String name, Consumer<ObjectNode> change) {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V12, ALICE);
    ObjectNode event = room.message(ALICE, "hi").json().deepCopy();
    assertThat(EventFormat.check(event, RoomVersion.V12)).isEmpty();
    change.accept(event);
    assertThat(EventFormat.check(event, RoomVersion.V12)).isPresent();
  }

  @Test
  void anUnsignedEventLeavesRoomForItsSignature() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V12, ALICE);
    ObjectNode event = room.message(ALICE, "hi").json().deepCopy();
    int empty = CanonicalJson.encode(event).length;
    content(event).put("body", "x".repeat(2 + EventFormat.EVENT_BYTES_MAX - empty));
    assertThat(CanonicalJson.encode(event)).hasSize(EventFormat.EVENT_BYTES_MAX);
    assertThat(EventFormat.check(event, RoomVersion.V12)).isPresent();
    event.putObject("signatures").putObject("a").put("ed25519:1", "x");
    int over = CanonicalJson.encode(event).length - EventFormat.EVENT_BYTES_MAX;
    String body = event.path("content").path("body").asText();
    content(event).put("body", body.substring(over));
    assertThat(EventFormat.check(event, RoomVersion.V12)).isEmpty();
    content(event).put("body", body.substring(over - 1));
    assertThat(EventFormat.check(event, RoomVersion.V12)).isPresent();
  }

  @Test
  void oldRoomsMayHoldFloats() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V5, ALICE);
    ObjectNode event = room.message(ALICE, "hi").json().deepCopy();
    content(event).put("x", 1.5);
    assertThat(EventFormat.check(event, RoomVersion.V5)).isEmpty();
    content(event).put("x", new BigDecimal("1e309"));
    assertThat(EventFormat.check(event, RoomVersion.V5)).isPresent();
  }

  @Test
  void givenIdsHaveTheirServersName() {
    RoomBuilder room = RoomBuilder.publicRoom(RoomVersion.V2, ALICE);
    ObjectNode event = room.message(ALICE, "hi").json().deepCopy();
    for (String id : new String[] {"$x", "$x:", "$x:no server!", "x:a"}) {
      assertThat(EventFormat.check(event.put("event_id", id), RoomVersion.V2)).isPresent();
    }
    assertThat(EventFormat.check(event.put("event_id", "$:a:8448"), RoomVersion.V2)).isEmpty();
  }

  @Test
  void aVersion12CreateEventHasNoRoomId() {
    RoomBuilder room = RoomBuilder.created(RoomVersion.V12, ALICE, Json.object());
    assertThat(room.create().json().has("room_id")).isFalse();
    assertThat(EventFormat.check(room.create().json(), RoomVersion.V12)).isEmpty();
    assertThat(EventFormat.check(room.create().json(), RoomVersion.V11)).isPresent();
    assertThat(room.roomId().value().substring(1))
        .isEqualTo(room.create().id().value().substring(1));
  }

  @Test
  void contentHashesAreChecked() {
    ObjectNode event =
        RoomBuilder.publicRoom(RoomVersion.V12, ALICE).message(ALICE, "hi").json().deepCopy();
    assertThat(EventHashes.contentHashMatches(event, RoomVersion.V12)).isTrue();
    content(event).put("body", "ho");
    assertThat(EventHashes.contentHashMatches(event, RoomVersion.V12)).isFalse();
    event.putObject("hashes").put("sha256", "no base64!");
    assertThat(EventHashes.contentHashMatches(event, RoomVersion.V12)).isFalse();
  }

  @Test
  void eventIdsTakeTheFormOfTheirVersion() {
    ObjectNode event =
        Json.parseObject(
            """
            {"type":"X","room_id":"!x:domain","sender":"@a:domain","origin_server_ts":1000000,
             "event_id":"$given:domain","content":{},"hashes":{},"prev_events":[],
             "auth_events":[],"depth":3}\
            """
                .getBytes(StandardCharsets.UTF_8));
    assertThat(EventHashes.eventId(event, RoomVersion.V2).value()).isEqualTo("$given:domain");
    assertThat(EventHashes.eventId(event, RoomVersion.V3).value()).matches("\\$[A-Za-z0-9+/]{43}");
    assertThat(EventHashes.eventId(event, RoomVersion.V4).value()).matches("\\$[A-Za-z0-9_-]{43}");
    ObjectNode signed = event.deepCopy();
    signed.putObject("signatures").putObject("a").put("ed25519:1", "x");
    signed.putObject("unsigned").put("age", 1);
    assertThat(EventHashes.eventId(signed, RoomVersion.V4))
        .isEqualTo(EventHashes.eventId(event, RoomVersion.V4));
  }

  private static Arguments malformed(String name, Consumer<ObjectNode> change) {
    return Arguments.of(name, change);
  }

  private static ObjectNode content(ObjectNode event) {
    return (ObjectNode) event.path("content");
  }

  private static void fill(ArrayNode array, int count) {
    for (int i = 0; i < count; i++) {
      array.add("$event" + i);
    }
  }
}
