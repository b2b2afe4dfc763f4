package org.headrace.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each room version keeps (spec, room versions, "Redactions"). */
class RedactionTest {
  private static final List<String> ALL_CONTENT =
      List.of(
          "membership",
          "join_authorised_via_users_server",
          "displayname",
          "creator",
          "room_version",
          "m.federate",
          "join_rule",
          "allow",
          "ban",
          "events",
          "events_default",
          "invite",
          "kick",
          "notifications",
          "redact",
          "state_default",
          "users",
          "users_default",
          "aliases",
          "history_visibility",
          "redacts",
          "body",
          "reason");

  private static final List<String> LEVELS =
      List.of(
          "ban",
          "events",
          "events_default",
          "kick",
          "redact",
          "state_default",
          "users",
          "users_default");

  static Stream<Arguments> contentKept() {
    List<Arguments> cases = new ArrayList<>();
    for (RoomVersion version : RoomVersion.supportedStable()) {
      int number = Integer.parseInt(version.id());
      List<String> levels = new ArrayList<>(LEVELS);
      if (number >= 11) {
        levels.add("invite");
      }
      cases.add(
          Arguments.of(
              version,
              "m.room.member",
              number >= 9
                  ? List.of("membership", "join_authorised_via_users_server")
                  : List.of("membership")));
      cases.add(
          Arguments.of(version, "m.room.create", number >= 11 ? ALL_CONTENT : List.of("creator")));
      cases.add(
          Arguments.of(
              version,
              "m.room.join_rules",
              number >= 8 ? List.of("join_rule", "allow") : List.of("join_rule")));
      cases.add(Arguments.of(version, "m.room.power_levels", levels));
      cases.add(
          Arguments.of(version, "m.room.aliases", number <= 5 ? List.of("aliases") : List.of()));
      cases.add(Arguments.of(version, "m.room.history_visibility", List.of("history_visibility")));
      cases.add(
          Arguments.of(version, "m.room.redaction", number >= 11 ? List.of("redacts") : List.of()));
      cases.add(Arguments.of(version, "m.room.message", List.of()));
      cases.add(Arguments.of(version, "m.room.third_party_invite", List.of()));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("contentKept")
  void keepsOfTheContent(RoomVersion version, String type, List<String> kept) {
    ObjectNode pdu = Json.object().put("type", type);
    ObjectNode content = pdu.putObject("content");
    ALL_CONTENT.forEach(key -> content.put(key, "x"));
    ObjectNode redacted = Redaction.redact(pdu, version);
    assertThat(redacted.path("content").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(kept);
    assertThat(content.size()).isEqualTo(ALL_CONTENT.size());
  }

  @ParameterizedTest
  @MethodSource("org.headrace.core.roomversion.RoomVersion#supportedStable")
  void keepsOfTheTopLevel(RoomVersion version) {
    List<String> always =
        List.of(
            "event_id",
            "type",
            "room_id",
            "sender",
            "state_key",
            "content",
            "hashes",
            "signatures",
            "depth",
            "prev_events",
            "auth_events",
            "origin_server_ts");
    List<String> untilTen = List.of("prev_state", "origin", "membership");
    ObjectNode pdu = Json.object();
    Stream.of(always, untilTen, List.of("unsigned", "redacts", "foo"))
        .flatMap(List::stream)
        .forEach(key -> pdu.putObject(key));
    List<String> kept = new ArrayList<>(always);
    if (Integer.parseInt(version.id()) <= 10) {
      kept.addAll(untilTen);
    }
    assertThat(Redaction.redact(pdu, version).fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(kept);
  }

  @Test
  void keepsTheSignedPartOfAThirdPartyInviteFromVersion11() {
    ObjectNode pdu =
        json(
            """
            {"type":"m.room.member","content":{"membership":"invite",
             "third_party_invite":{"display_name":"x","signed":{"token":"t"}}}}\
            """);
    assertThat(Redaction.redact(pdu, RoomVersion.V10).path("content"))
        .isEqualTo(json("{\"membership\":\"invite\"}"));
    assertThat(Redaction.redact(pdu, RoomVersion.V11).path("content"))
        .isEqualTo(
            json(
                "{\"membership\":\"invite\",\"third_party_invite\":{\"signed\":{\"token\":\"t\"}}}"));
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
  }
}
