package org.headrace.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the specification, by what it allows and by what it refuses. */
class AuthRulesTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final UserId BOB = new UserId("@bob:b");
  private static final UserId CAROL = new UserId("@carol:c");
  private static final SigningKey IDENTITY_KEY = SigningKey.fromSeed("ed25519:0", new byte[32]);

  /**
   * One event in a public room of Alice's (level 100), where Bob (level 50) is joined.
   *
   * @param rule the rule that refuses it; null if it is allowed
   */
  record Case(
      RoomVersion version, @Nullable AuthRule rule, String name, Function<RoomBuilder, Pdu> event) {
    @Override
    public String toString() {
      return "v" + version.id() + ": " + name + " → " + (rule == null ? "allowed" : rule);
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
            joins(), invites(), leavesAndBans(), knocks(), others(), powerLevels(), versions())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decides(Case example) {
    RoomBuilder room = publicRoom(example.version());
    AuthResult verdict = room.verdict(example.event().apply(room).id());
    if (example.rule() == null) {
      assertThat(verdict).isEqualTo(AuthResult.ALLOWED);
    } else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              AuthResult.Denied.class,
              denied -> assertThat(denied.rule()).isEqualTo(example.rule()));
    }
  }

  private static List<Case> joins() {
    return List.of(
        denied(
            AuthRule.MEMBER_FORMAT,
            "no membership",
            room -> room.state(BOB, "m.room.member", BOB.value(), Json.object())),
        denied(
            AuthRule.MEMBER_FORMAT,
            "no state key",
            room ->
                room.draft()
                    .append(BOB, "m.room.member", Optional.empty(), json("{'membership':'join'}"))),
        denied(
            AuthRule.MEMBER_FORMAT,
            "state key is no user",
            room -> room.state(BOB, "m.room.member", "bob", json("{'membership':'join'}"))),
        denied(
            AuthRule.MEMBERSHIP_UNKNOWN,
            "membership unknown",
            room -> room.member(BOB, BOB, "maybe")),
        allowed("join a public room", room -> room.join(CAROL)),
        allowed("join again", room -> room.join(BOB)),
        denied(AuthRule.JOIN_SENDER, "join another", room -> room.member(BOB, CAROL, "join")),
        denied(
            AuthRule.JOIN_BANNED,
            "join while banned",
            room -> {
              room.member(ALICE, CAROL, "ban");
              return room.join(CAROL);
            }),
        denied(
            AuthRule.JOIN_RULE,
            "join an invite-only room",
            room -> {
              joinRule(room, "invite");
              return room.join(CAROL);
            }),
        denied(
            AuthRule.JOIN_RULE,
            "join a private room",
            room -> {
              joinRule(room, "private");
              return room.join(CAROL);
            }),
        allowed(
            "join an invite-only room with an invite",
            room -> {
              joinRule(room, "invite");
              room.member(BOB, CAROL, "invite");
              return room.join(CAROL);
            }),
        denied(
            AuthRule.JOIN_RULE,
            "join where one may knock",
            room -> {
              joinRule(room, "knock");
              return room.join(CAROL);
            }),
        denied(
            AuthRule.JOIN_AUTHORISING_USER,
            "restricted join that nobody authorises",
            room -> {
              joinRule(room, "restricted");
              return room.join(CAROL);
            }),
        allowed(
            "restricted join that Bob authorises",
            room -> {
              joinRule(room, "restricted");
              return authorisedJoin(room, BOB);
            }),
        denied(
            AuthRule.JOIN_AUTHORISING_USER,
            "restricted join authorised from outside",
            room -> {
              joinRule(room, "restricted");
              return authorisedJoin(room, new UserId("@eve:e"));
            }),
        denied(
            AuthRule.JOIN_AUTHORISING_USER,
            "restricted join authorised without the level",
            room -> {
              joinRule(room, "restricted");
              levels(room, ALICE, levels -> levels.put("invite", 60));
              return authorisedJoin(room, BOB);
            }),
        allowed(
            "knock_restricted join that Bob authorises",
            room -> {
              joinRule(room, "knock_restricted");
              return authorisedJoin(room, BOB);
            }));
  }

  private static List<Case> invites() {
    return List.of(
        allowed("invite", room -> room.member(BOB, CAROL, "invite")),
        denied(
            AuthRule.INVITE_SENDER_MEMBERSHIP,
            "invite from outside",
            room -> room.member(CAROL, new UserId("@eve:e"), "invite")),
        denied(
            AuthRule.INVITE_TARGET_MEMBERSHIP,
            "invite a member",
            room -> room.member(ALICE, BOB, "invite")),
        denied(
            AuthRule.INVITE_TARGET_MEMBERSHIP,
            "invite a banned user",
            room -> {
              room.member(ALICE, CAROL, "ban");
              return room.member(ALICE, CAROL, "invite");
            }),
        denied(
            AuthRule.INVITE_LEVEL,
            "invite without the level",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", 60));
              return room.member(BOB, CAROL, "invite");
            }),
        allowed("third-party invite with its key", room -> thirdPartyInvite(room, signed -> {})),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite for another",
            room -> thirdPartyInvite(room, signed -> signed.put("mxid", "@eve:e"))),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite with another token",
            room -> thirdPartyInvite(room, signed -> signed.put("token", "other"))),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite changed after signing",
            room -> thirdPartyInvite(room, signed -> signed.put("x", 1))),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite without token",
            room -> thirdPartyInvite(room, signed -> signed.remove("token"))),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite unsigned",
            room ->
                room.state(
                    BOB,
                    "m.room.member",
                    CAROL.value(),
                    json("{'membership':'invite','third_party_invite':{}}"))),
        denied(
            AuthRule.INVITE_THIRD_PARTY,
            "third-party invite of a banned user",
            room -> {
              room.member(ALICE, CAROL, "ban");
              return thirdPartyInvite(room, signed -> {});
            }),
        denied(
            AuthRule.THIRD_PARTY_INVITE_LEVEL,
            "make a third-party invite without the level",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", 60));
              return room.state(BOB, "m.room.third_party_invite", "t", Json.object());
            }));
  }

  private static List<Case> leavesAndBans() {
    return List.of(
        allowed("leave", room -> room.member(BOB, BOB, "leave")),
        denied(
            AuthRule.LEAVE_MEMBERSHIP,
            "leave without being in",
            room -> room.member(CAROL, CAROL, "leave")),
        allowed(
            "decline an invite",
            room -> {
              room.member(BOB, CAROL, "invite");
              return room.member(CAROL, CAROL, "leave");
            }),
        allowed("kick", room -> room.member(ALICE, BOB, "leave")),
        denied(
            AuthRule.KICK_SENDER_MEMBERSHIP,
            "kick from outside",
            room -> room.member(CAROL, BOB, "leave")),
        denied(AuthRule.KICK_LEVEL, "kick someone above", room -> room.member(BOB, ALICE, "leave")),
        denied(
            AuthRule.UNBAN_LEVEL,
            "unban without the ban level",
            room -> {
              levels(room, ALICE, levels -> levels.put("ban", 60));
              room.member(ALICE, CAROL, "ban");
              return room.member(BOB, CAROL, "leave");
            }),
        allowed(
            "unban",
            room -> {
              room.member(ALICE, CAROL, "ban");
              return room.member(BOB, CAROL, "leave");
            }),
        allowed("ban", room -> room.member(BOB, CAROL, "ban")),
        denied(
            AuthRule.BAN_SENDER_MEMBERSHIP,
            "ban from outside",
            room -> room.member(CAROL, BOB, "ban")),
        denied(AuthRule.BAN_LEVEL, "ban someone above", room -> room.member(BOB, ALICE, "ban")),
        denied(
            AuthRule.BAN_LEVEL,
            "ban an equal",
            room -> {
              room.join(CAROL);
              levels(room, ALICE, levels -> users(levels).put(CAROL.value(), 50));
              return room.member(BOB, CAROL, "ban");
            }));
  }

  private static List<Case> knocks() {
    return List.of(
        denied(
            AuthRule.KNOCK_JOIN_RULE,
            "knock on a public room",
            room -> room.member(CAROL, CAROL, "knock")),
        allowed(
            "knock",
            room -> {
              joinRule(room, "knock");
              return room.member(CAROL, CAROL, "knock");
            }),
        allowed(
            "knock on a knock_restricted room",
            room -> {
              joinRule(room, "knock_restricted");
              return room.member(CAROL, CAROL, "knock");
            }),
        denied(
            AuthRule.KNOCK_SENDER,
            "knock for another",
            room -> {
              joinRule(room, "knock");
              return room.member(BOB, CAROL, "knock");
            }),
        denied(
            AuthRule.KNOCK_MEMBERSHIP,
            "knock while joined",
            room -> {
              joinRule(room, "knock");
              return room.member(BOB, BOB, "knock");
            }),
        allowed(
            "take a knock back",
            room -> {
              joinRule(room, "knock");
              room.member(CAROL, CAROL, "knock");
              return room.member(CAROL, CAROL, "leave");
            }));
  }

  private static List<Case> others() {
    return List.of(
        allowed("message", room -> room.message(BOB, "hi")),
        denied(
            AuthRule.SENDER_MEMBERSHIP, "message from outside", room -> room.message(CAROL, "hi")),
        denied(
            AuthRule.REQUIRED_LEVEL,
            "message in a muted room",
            room -> {
              levels(room, ALICE, levels -> levels.put("events_default", 60));
              return room.message(BOB, "hi");
            }),
        denied(
            AuthRule.REQUIRED_LEVEL,
            "event of a type that takes more",
            room -> {
              levels(room, ALICE, levels -> levels.putObject("events").put("m.room.topic", 60));
              return room.state(BOB, "m.room.topic", "", json("{'topic':'t'}"));
            }),
        denied(
            AuthRule.REQUIRED_LEVEL,
            "state by a user without level",
            room -> {
              room.join(CAROL);
              return room.state(CAROL, "m.room.topic", "", json("{'topic':'t'}"));
            }),
        denied(
            AuthRule.STATE_KEY_OF_OTHER_USER,
            "state of another user",
            room -> room.state(BOB, "x", ALICE.value(), Json.object())),
        allowed("state of one's own", room -> room.state(BOB, "x", BOB.value(), Json.object())),
        allowed(
            "redaction without the redact level, which is not an auth rule",
            room -> {
              room.join(CAROL);
              return room.draft()
                  .append(CAROL, "m.room.redaction", Optional.empty(), json("{'redacts':'$x'}"));
            }));
  }

  private static List<Case> powerLevels() {
    return List.of(
        allowed(
            "lower levels of one's own reach",
            room -> levels(room, BOB, levels -> levels.put("kick", 40))),
        denied(
            AuthRule.POWER_LEVELS_FORMAT,
            "level as text",
            room -> levels(room, ALICE, levels -> levels.put("kick", "50"))),
        denied(
            AuthRule.POWER_LEVELS_FORMAT,
            "events as a list",
            room -> levels(room, ALICE, levels -> levels.putArray("events"))),
        denied(
            AuthRule.POWER_LEVELS_FORMAT,
            "notifications with text",
            room ->
                levels(room, ALICE, levels -> levels.putObject("notifications").put("room", "1"))),
        denied(
            AuthRule.POWER_LEVELS_FORMAT,
            "users with text",
            room -> levels(room, ALICE, levels -> users(levels).put(BOB.value(), "50"))),
        denied(
            AuthRule.POWER_LEVELS_FORMAT,
            "users with no user id",
            room -> levels(room, ALICE, levels -> users(levels).put("bob", 50))),
        denied(
            AuthRule.POWER_LEVELS_DEFAULTS,
            "raise a default above oneself",
            room -> levels(room, BOB, levels -> levels.put("ban", 60))),
        denied(
            AuthRule.POWER_LEVELS_DEFAULTS,
            "lower a default from above oneself",
            room -> {
              levels(room, ALICE, levels -> levels.put("ban", 60));
              return levels(room, BOB, levels -> levels.put("ban", 10));
            }),
        denied(
            AuthRule.POWER_LEVELS_DEFAULTS,
            "remove a default above oneself",
            room -> {
              levels(room, ALICE, levels -> levels.put("ban", 60));
              return levels(room, BOB, levels -> {});
            }),
        denied(
            AuthRule.POWER_LEVELS_EVENTS,
            "raise an event above oneself",
            room -> levels(room, BOB, levels -> levels.putObject("events").put("x", 60))),
        denied(
            AuthRule.POWER_LEVELS_EVENTS,
            "remove an event above oneself",
            room -> {
              levels(room, ALICE, levels -> levels.putObject("events").put("x", 60));
              return levels(room, BOB, levels -> {});
            }),
        denied(
            AuthRule.POWER_LEVELS_EVENTS,
            "raise a notification above oneself",
            room -> levels(room, BOB, levels -> levels.putObject("notifications").put("room", 60))),
        denied(
            AuthRule.POWER_LEVELS_USERS,
            "raise oneself",
            room -> levels(room, BOB, levels -> users(levels).put(BOB.value(), 60))),
        denied(
            AuthRule.POWER_LEVELS_USERS,
            "demote someone above",
            room -> levels(room, BOB, levels -> users(levels).put(ALICE.value(), 0))),
        denied(
            AuthRule.POWER_LEVELS_USERS,
            "demote an equal",
            room -> {
              levels(room, ALICE, levels -> users(levels).put(CAROL.value(), 50));
              return levels(room, BOB, levels -> users(levels).put(CAROL.value(), 0));
            }),
        allowed(
            "demote oneself",
            room -> levels(room, BOB, levels -> users(levels).put(BOB.value(), 0))));
  }

  private static List<Case> versions() {
    RoomVersion v12 = RoomVersion.V12;
    return List.of(
        new Case(
            v12,
            AuthRule.POWER_LEVELS_CREATOR,
            "level for a creator",
            room ->
                room.state(ALICE, "m.room.power_levels", "", json("{'users':{'@alice:a':100}}"))),
        new Case(
            v12,
            null,
            "any level by a creator",
            room ->
                room.state(
                    ALICE,
                    "m.room.power_levels",
                    "",
                    json("{'users':{'@bob:b':9007199254740991}}"))),
        new Case(
            v12,
            AuthRule.BAN_LEVEL,
            "ban a creator with the highest level",
            room -> {
              room.state(
                  ALICE, "m.room.power_levels", "", json("{'users':{'@bob:b':9007199254740991}}"));
              return room.member(BOB, ALICE, "ban");
            }),
        new Case(
            RoomVersion.V6,
            AuthRule.MEMBERSHIP_UNKNOWN,
            "knock before version 7",
            room -> {
              joinRule(room, "knock");
              return room.member(CAROL, CAROL, "knock");
            }),
        new Case(
            RoomVersion.V7,
            AuthRule.JOIN_RULE,
            "restricted join before version 8",
            room -> {
              joinRule(room, "restricted");
              return authorisedJoin(room, BOB);
            }),
        new Case(
            RoomVersion.V9,
            AuthRule.JOIN_RULE,
            "knock_restricted join before version 10",
            room -> {
              joinRule(room, "knock_restricted");
              return authorisedJoin(room, BOB);
            }),
        new Case(
            RoomVersion.V9,
            null,
            "level as text before version 10",
            room -> levels(room, ALICE, levels -> levels.put("kick", " +050 "))),
        new Case(
            RoomVersion.V9,
            null,
            "level as text counts",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", "50"));
              return room.member(BOB, CAROL, "invite");
            }),
        new Case(
            RoomVersion.V9,
            AuthRule.INVITE_LEVEL,
            "level as text limits",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", "51"));
              return room.member(BOB, CAROL, "invite");
            }),
        new Case(
            RoomVersion.V9,
            AuthRule.INVITE_LEVEL,
            "level as text with sign, zeros and white space",
            room -> {
              String text = " \t+" + "0".repeat(100) + "51\n ";
              levels(room, ALICE, levels -> levels.put("invite", text));
              return room.member(BOB, CAROL, "invite");
            }),
        new Case(
            RoomVersion.V9,
            null,
            "text that is no integer is as if it were absent",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", "+ 51"));
              return room.member(BOB, CAROL, "invite");
            }),
        new Case(
            RoomVersion.V5,
            null,
            "level as a float is truncated",
            room -> {
              levels(room, ALICE, levels -> levels.put("invite", 50.57));
              return room.member(BOB, CAROL, "invite");
            }),
        new Case(
            RoomVersion.V5,
            null,
            "notifications free before version 6",
            room -> levels(room, BOB, levels -> levels.putObject("notifications").put("room", 60))),
        new Case(
            RoomVersion.V5,
            AuthRule.ALIASES,
            "aliases of another server",
            room -> room.state(BOB, "m.room.aliases", "a", Json.object())),
        new Case(
            RoomVersion.V5,
            null,
            "aliases from outside the room",
            room -> room.state(CAROL, "m.room.aliases", "c", Json.object())),
        new Case(
            RoomVersion.V6,
            AuthRule.SENDER_MEMBERSHIP,
            "aliases as any state from version 6",
            room -> room.state(CAROL, "m.room.aliases", "c", Json.object())),
        new Case(
            RoomVersion.V2,
            AuthRule.REDACTION,
            "redaction of another server's event",
            room -> redaction(room, "$x:a")),
        new Case(
            RoomVersion.V2,
            null,
            "redaction of an event of one's server",
            room -> redaction(room, "$x:c")));
  }

  @Test
  void refusesUsersOfOtherServersWhereTheRoomIsNotFederated() {
    for (RoomVersion version : RoomVersion.supportedStable()) {
      RoomBuilder room =
          RoomBuilder.created(version, ALICE, Json.object().put("m.federate", false));
      room.join(ALICE);
      joinRule(room, "public");
      assertDenied(room, room.join(BOB), AuthRule.FEDERATION);
      assertThat(room.verdict(room.join(new UserId("@dave:a")).id()).isAllowed()).isTrue();
    }
  }

  @Test
  void onlyTheCreatorJoinsRightAfterTheCreateEvent() {
    for (RoomVersion version : RoomVersion.supportedStable()) {
      RoomBuilder room = RoomBuilder.created(version, ALICE, Json.object());
      assertDenied(room, room.join(BOB), AuthRule.JOIN_RULE);
      assertThat(room.verdict(room.join(ALICE).id()).isAllowed()).isTrue();
    }
  }

  @Test
  void anAdditionalCreatorHasInfinitePower() {
    ObjectNode content = json("{'additional_creators':['@bob:b']}");
    RoomBuilder room = RoomBuilder.created(RoomVersion.V12, ALICE, content);
    room.join(ALICE);
    joinRule(room, "public");
    room.join(BOB);
    assertThat(room.verdict(room.state(BOB, "x", "", Json.object()).id()).isAllowed()).isTrue();
    Pdu levels = room.state(ALICE, "m.room.power_levels", "", json("{'users':{'@bob:b':1}}"));
    assertDenied(room, levels, AuthRule.POWER_LEVELS_CREATOR);
    RoomBuilder before = RoomBuilder.created(RoomVersion.V11, ALICE, content);
    before.join(ALICE);
    joinRule(before, "public");
    before.join(BOB);
    assertDenied(before, before.state(BOB, "x", "", Json.object()), AuthRule.REQUIRED_LEVEL);
  }

  @Test
  void checksCreateEvents() {
    Function<RoomVersion, ObjectNode> good =
        v -> RoomBuilder.created(v, ALICE, Json.object()).create().json().deepCopy();
    for (RoomVersion version : RoomVersion.supportedStable()) {
      assertThat(create(good.apply(version), version)).isEqualTo(AuthResult.ALLOWED);
      ObjectNode late = good.apply(version);
      if (version.events().idGiven()) {
        late.putArray("prev_events").addArray().add("$x").addObject();
      } else {
        late.putArray("prev_events").add("$x");
      }
      assertRule(create(late, version), AuthRule.CREATE_PREV_EVENTS);
      ObjectNode unknown = good.apply(version);
      ((ObjectNode) unknown.path("content")).put("room_version", "nonesuch");
      assertRule(create(unknown, version), AuthRule.CREATE_ROOM_VERSION);
    }
    ObjectNode otherDomain = good.apply(RoomVersion.V11).put("room_id", "!x:b");
    assertRule(create(otherDomain, RoomVersion.V11), AuthRule.CREATE_ROOM_DOMAIN);
    ObjectNode withRoom = good.apply(RoomVersion.V12).put("room_id", "!x:a");
    assertRule(create(withRoom, RoomVersion.V12), AuthRule.CREATE_ROOM_ID);
    ObjectNode noCreator = good.apply(RoomVersion.V10);
    ((ObjectNode) noCreator.path("content")).remove("creator");
    assertRule(create(noCreator, RoomVersion.V10), AuthRule.CREATE_CREATOR);
    ObjectNode creators = good.apply(RoomVersion.V12);
    ((ObjectNode) creators.path("content")).putArray("additional_creators").add("bob");
    assertRule(create(creators, RoomVersion.V12), AuthRule.CREATE_ADDITIONAL_CREATORS);
  }

  @Test
  void checksTheListOfAuthEvents() {
    for (RoomVersion version : List.of(RoomVersion.V11, RoomVersion.V12)) {
      RoomBuilder room = publicRoom(version);
      Pdu message = room.message(BOB, "hi");
      List<AuthEvent> good = authEvents(room, message);
      assertThat(checkAuthEvents(room, message, good)).isEqualTo(AuthResult.ALLOWED);

      List<AuthEvent> twice = append(good, good.getFirst());
      assertRule(checkAuthEvents(room, message, twice), AuthRule.AUTH_EVENTS_DUPLICATE);

      Pdu topic = room.state(ALICE, "m.room.topic", "", Json.object());
      List<AuthEvent> more = append(good, new AuthEvent(topic, false));
      assertRule(checkAuthEvents(room, message, more), AuthRule.AUTH_EVENTS_SELECTION);

      List<AuthEvent> rejected =
          good.stream().map(authEvent -> new AuthEvent(authEvent.event(), true)).toList();
      assertRule(checkAuthEvents(room, message, rejected), AuthRule.AUTH_EVENTS_REJECTED);

      RoomBuilder other = RoomBuilder.publicRoom(version, new UserId("@mallory:m"));
      List<AuthEvent> foreign =
          authEvents(other, other.message(new UserId("@mallory:m"), "x")).subList(0, 1);
      if (version.auth().createFromRoomId()) {
        assertRule(checkAuthEvents(room, message, foreign), AuthRule.AUTH_EVENTS_ROOM);
        List<AuthEvent> withCreate = append(good, new AuthEvent(room.create(), false));
        assertRule(checkAuthEvents(room, message, withCreate), AuthRule.AUTH_EVENTS_SELECTION);
        assertRule(
            AuthRules.checkAuthEvents(
                version, message, good, AuthEvidence.ofCreate(Optional.of(other.create()))),
            AuthRule.ROOM_ID_OF_CREATE);
      } else {
        List<AuthEvent> withoutCreate = good.subList(1, good.size());
        assertRule(checkAuthEvents(room, message, withoutCreate), AuthRule.AUTH_EVENTS_CREATE);
        assertRule(checkAuthEvents(room, message, foreign), AuthRule.AUTH_EVENTS_ROOM);
      }
    }
  }

  @Test
  void aRestrictedJoinNeedsTheSignatureOfItsAuthorisersServer() {
    RoomBuilder room = publicRoom(RoomVersion.V12);
    joinRule(room, "restricted");
    var before = room.currentState();
    Pdu join = authorisedJoin(room, BOB);
    AuthEvidence unsigned =
        new AuthEvidence(Optional.of(room.create()), server -> !server.value().equals("b"));
    assertRule(
        AuthRules.checkAgainst(RoomVersion.V12, join, unsigned, room.lookup(before)),
        AuthRule.MEMBER_AUTHORISING_SIGNATURE);
  }

  /** A rule that no example refuses by would be a rule that no test holds. */
  @Test
  void everyRuleHasAnExample() {
    Set<AuthRule> without = EnumSet.allOf(AuthRule.class);
    cases()
        .forEach(
            example -> {
              if (example.rule() != null) {
                without.remove(example.rule());
              }
            });
    // Those with a test of their own above.
    without.removeAll(
        Arrays.asList(
            AuthRule.CREATE_PREV_EVENTS,
            AuthRule.CREATE_ROOM_DOMAIN,
            AuthRule.CREATE_ROOM_ID,
            AuthRule.CREATE_ROOM_VERSION,
            AuthRule.CREATE_CREATOR,
            AuthRule.CREATE_ADDITIONAL_CREATORS,
            AuthRule.ROOM_ID_OF_CREATE,
            AuthRule.AUTH_EVENTS_DUPLICATE,
            AuthRule.AUTH_EVENTS_SELECTION,
            AuthRule.AUTH_EVENTS_REJECTED,
            AuthRule.AUTH_EVENTS_CREATE,
            AuthRule.AUTH_EVENTS_ROOM,
            AuthRule.FEDERATION,
            AuthRule.MEMBER_AUTHORISING_SIGNATURE));
    assertThat(without).isEmpty();
  }

  private static Case allowed(String name, Function<RoomBuilder, Pdu> event) {
    return new Case(RoomVersion.V11, null, name, event);
  }

  private static Case denied(AuthRule rule, String name, Function<RoomBuilder, Pdu> event) {
    return new Case(RoomVersion.V11, rule, name, event);
  }

  private static RoomBuilder publicRoom(RoomVersion version) {
    RoomBuilder room = RoomBuilder.publicRoom(version, ALICE);
    room.join(BOB);
    if (!version.auth().privilegedCreators()) {
      levels(room, ALICE, levels -> {});
    }
    return room;
  }

  private static void joinRule(RoomBuilder room, String rule) {
    room.state(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", rule));
  }

  /** Sends power levels with Alice at 100 and Bob at 50, after this change. */
  private static Pdu levels(RoomBuilder room, UserId sender, Consumer<ObjectNode> change) {
    ObjectNode levels = Json.object();
    levels.putObject("users").put(ALICE.value(), 100).put(BOB.value(), 50);
    change.accept(levels);
    return room.state(sender, "m.room.power_levels", "", levels);
  }

  private static ObjectNode users(ObjectNode levels) {
    return (ObjectNode) levels.path("users");
  }

  private static Pdu authorisedJoin(RoomBuilder room, UserId authoriser) {
    ObjectNode content = json("{'membership':'join'}");
    content.put("join_authorised_via_users_server", authoriser.value());
    return room.state(CAROL, "m.room.member", CAROL.value(), content);
  }

  private static Pdu thirdPartyInvite(RoomBuilder room, Consumer<ObjectNode> afterSigning) {
    ObjectNode invite = Json.object().put("display_name", "c");
    invite.putArray("public_keys").addObject().put("public_key", IDENTITY_KEY.publicKeyBase64());
    room.state(BOB, "m.room.third_party_invite", "t", invite);
    ObjectNode signed =
        JsonSigner.sign(
            Json.object().put("mxid", CAROL.value()).put("token", "t"), "identity", IDENTITY_KEY);
    afterSigning.accept(signed);
    ObjectNode content = json("{'membership':'invite'}");
    content.putObject("third_party_invite").set("signed", signed);
    return room.state(BOB, "m.room.member", CAROL.value(), content);
  }

  private static Pdu redaction(RoomBuilder room, String target) {
    room.join(CAROL);
    return room.draft().redaction(CAROL, target);
  }

  private static AuthResult create(ObjectNode json, RoomVersion version) {
    return AuthRules.checkAuthEvents(
        version,
        EventHashes.pdu(json, version),
        List.of(),
        AuthEvidence.ofCreate(Optional.empty()));
  }

  private static AuthResult checkAuthEvents(
      RoomBuilder room, Pdu event, List<AuthEvent> authEvents) {
    return AuthRules.checkAuthEvents(
        room.version(), event, authEvents, AuthEvidence.ofCreate(Optional.of(room.create())));
  }

  private static List<AuthEvent> authEvents(RoomBuilder room, Pdu event) {
    return event.authEvents().stream().map(id -> new AuthEvent(room.event(id), false)).toList();
  }

  private static List<AuthEvent> append(List<AuthEvent> list, AuthEvent last) {
    return Stream.concat(list.stream(), Stream.of(last)).toList();
  }

  private static void assertDenied(RoomBuilder room, Pdu event, AuthRule rule) {
    assertRule(room.verdict(event.id()), rule);
  }

  private static void assertRule(AuthResult result, AuthRule rule) {
    assertThat(result)
        .isInstanceOfSatisfying(
            AuthResult.Denied.class, denied -> assertThat(denied.rule()).isEqualTo(rule));
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
