package org.headrace.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.fixture.RandomRooms;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.fixture.Seeds;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.EventSource;
import org.headrace.core.stateres.StateResolution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventSkeletonPropertyTest {
  private static final String[] TYPES = {
    "m.room.create",
    "m.room.member",
    "m.room.power_levels",
    "m.room.join_rules",
    "m.room.history_visibility",
    "m.room.third_party_invite",
    "m.room.redaction",
    "m.room.aliases",
    "m.room.message",
    "m.room.name"
  };

  private static final String[] KEYS = {
    "type",
    "room_id",
    "sender",
    "state_key",
    "hashes",
    "signatures",
    "unsigned",
    "redacts",
    "origin",
    "membership",
    "prev_state",
    "prev_events",
    "auth_events",
    "depth",
    "extra"
  };

  private static final String[] CONTENT_KEYS = {
    "membership",
    "join_authorised_via_users_server",
    "displayname",
    "creator",
    "room_version",
    "m.federate",
    "additional_creators",
    "join_rule",
    "allow",
    "ban",
    "users",
    "notifications",
    "aliases",
    "history_visibility",
    "redacts",
    "body",
    "public_key",
    "public_keys"
  };

  @Test
  void joinGivesTheEventBack() {
    Seeds.check(
        200,
        random -> {
          ObjectNode event = randomEvent(random);
          for (RoomVersion version : RoomVersion.supportedStable()) {
            EventSkeleton.Split split = EventSkeleton.split(event, version);
            assertThat(EventSkeleton.join(split.skeleton(), split.body())).isEqualTo(event);
            assertThat(Redaction.redact(split.skeleton(), version))
                .isEqualTo(Redaction.redact(event, version));
            assertThat(
                    split.body().path("content").has("membership")
                        && event.path("type").asText().equals("m.room.member"))
                .isFalse();
          }
        });
  }

  @ParameterizedTest
  @MethodSource("org.headrace.core.roomversion.RoomVersion#supportedStable")
  void whatAUserWroteIsInTheBody(RoomVersion version) {
    EventSkeleton.Split message =
        EventSkeleton.split(
            json("{'type':'m.room.message','content':{'body':'secret'},'unsigned':{'a':1}}"),
            version);
    assertThat(message.skeleton()).isEqualTo(json("{'type':'m.room.message','content':{}}"));
    EventSkeleton.Split member =
        EventSkeleton.split(
            json(
                "{'type':'m.room.member','content':{'membership':'invite','displayname':'secret',"
                    + "'third_party_invite':{'display_name':'secret','signed':{'token':'t'}}}}"),
            version);
    assertThat(member.skeleton().toString()).contains("token").doesNotContain("secret");
  }

  /** Replay has only skeletons, and must come to the same verdicts and states. */
  @Test
  void rulesAndResolutionDecideTheSameOnSkeletons() {
    Seeds.check(
        60,
        random -> {
          RoomBuilder room = RandomRooms.grow(random);
          SortedMap<EventId, Pdu> skeletons = new TreeMap<>();
          for (Pdu event : room.events()) {
            ObjectNode skeleton = EventSkeleton.split(event.json(), room.version()).skeleton();
            skeletons.put(event.id(), new Pdu(event.id(), event.roomId(), skeleton));
          }
          for (Pdu event : room.events()) {
            if (event.prevEvents().isEmpty()) {
              continue;
            }
            SortedMap<StateKey, EventId> before = room.stateBefore(event.prevEvents());
            StateLookup state = key -> Optional.ofNullable(before.get(key)).map(skeletons::get);
            AuthResult verdict =
                AuthRules.checkAgainst(
                    room.version(),
                    skeletons.get(event.id()),
                    AuthEvidence.ofCreate(Optional.of(skeletons.get(room.create().id()))),
                    state);
            assertThat(verdict).isEqualTo(room.verdict(event.id()));
          }
          var states = RandomRooms.someStates(room, random);
          assertThat(StateResolution.resolve(room.version(), states, source(room, skeletons)))
              .isEqualTo(StateResolution.resolve(room.version(), states, room));
        });
  }

  private static EventSource source(RoomBuilder room, SortedMap<EventId, Pdu> skeletons) {
    return new EventSource() {
      @Override
      public Pdu event(EventId id) {
        return skeletons.get(id);
      }

      @Override
      public boolean isRejected(EventId id) {
        return room.isRejected(id);
      }
    };
  }

  private static ObjectNode randomEvent(RandomGenerator random) {
    ObjectNode event = Json.object();
    event.put("type", TYPES[random.nextInt(TYPES.length)]);
    for (String key : KEYS) {
      if (random.nextBoolean() && !key.equals("type")) {
        event.put(key, random.nextInt());
      }
    }
    ObjectNode content = event.putObject("content");
    for (String key : CONTENT_KEYS) {
      if (random.nextBoolean()) {
        content.putObject(key).put("x", random.nextInt());
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> content.put("third_party_invite", "x");
      case 1 -> content.putObject("third_party_invite").putObject("signed").put("token", "t");
      case 2 -> content.putObject("third_party_invite").put("display_name", "n").put("signed", 1);
      default -> {}
    }
    return event;
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
