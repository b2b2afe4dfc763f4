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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.ingest.account.PasswordHasher;
import org.headrace.media.MediaStore;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every write: which command a request becomes, and what its outcome is answered as. */
@QuarkusTest
class WriteSideTest {
  private static final String V3 = "/_matrix/client/v3";
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final UserId BOB = new UserId("@bob:one.test");
  private static final UserId CAROL = new UserId("@carol:closed.test");
  private static final RoomId ROOM = new RoomId("!room");
  private static final RoomId OTHER = new RoomId("!other");

  @TestHTTPResource URI base;
  @Inject FakeCommandLog log;
  @Inject FakeServer server;
  @Inject PasswordHasher hasher;
  @Inject MediaStore media;

  private final HttpClient http = HttpClient.newHttpClient();

  private record Reply(int status, JsonNode json) {
    void fails(int expected, String errcode) {
      assertThat(status).as(json.toString()).isEqualTo(expected);
      assertThat(json.path("errcode").asText()).isEqualTo(errcode);
      assertThat(json.path("error").asText()).isNotBlank();
    }

    JsonNode ok() {
      assertThat(status).as(json.toString()).isEqualTo(200);
      return json;
    }
  }

  @BeforeEach
  void prepare() {
    log.reset();
    server.speakWith(FederationPolicy.OPEN.without("elsewhere"));
    FakeAccounts accounts = server.accounts();
    accounts.clearAliases();
    accounts.addSession("token", ALICE, "PHONE");
    String hash = hasher.hash("right");
    for (UserId user : List.of(ALICE, BOB)) {
      accounts.accounts.put(
          user, new AccountsView.Account(user, hash, Position.ofOffset(7), false, 0));
    }
    TreeMap<String, String> profile = new TreeMap<>();
    profile.put("displayname", "Alice");
    accounts.profiles.put(ALICE, profile);
    server.rooms().clear();
    server.rooms().add(ROOM, "12");
    server.rooms().add(OTHER, "12");
    server.rooms().put(ROOM, member(ALICE, "join"));
  }

  private static ObjectNode member(UserId user, String membership) {
    ObjectNode event =
        Json.object()
            .put("type", "m.room.member")
            .put("state_key", user.value())
            .put("sender", user.value());
    event.putObject("content").put("membership", membership);
    return event;
  }

  // Accounts

  @Test
  void registersInTwoSteps() throws Exception {
    Reply asked = post("/register", "{\"username\":\"carol\",\"password\":\"p\"}", null);
    assertThat(asked.status()).isEqualTo(401);
    assertThat(asked.json().at("/flows/0/stages/0").asText()).isEqualTo("m.login.dummy");
    assertThat(asked.json().path("session").asText()).isNotEmpty();
    assertThat(asked.json().path("params").isObject()).isTrue();
    assertThat(asked.json().has("errcode")).isFalse();
    assertThat(log.accounts()).isEmpty();

    JsonNode account =
        post(
                "/register",
                "{\"username\":\"carol\",\"password\":\"p\",\"device_id\":\"D\","
                    + "\"auth\":{\"type\":\"m.login.dummy\"}}",
                null)
            .ok();
    assertThat(account.path("user_id").asText()).isEqualTo("@carol:one.test");
    assertThat(account.path("device_id").asText()).isEqualTo("D");
    String token = account.path("access_token").asText();
    assertThat(token).hasSizeGreaterThan(40);
    assertThat(log.accounts()).hasSize(1);
    AccountCommand.Register register = (AccountCommand.Register) log.accounts().getFirst();
    assertThat(register.passwordHash()).startsWith("$argon2id$");
    assertThat(hasher.matches("p", register.passwordHash())).isTrue();
    assertThat(register.initialAccountData()).containsKey("m.push_rules");
    assertThat(register.toString()).doesNotContain(token);
  }

  @Test
  void registersWithoutLoginAndWithoutName() throws Exception {
    JsonNode account =
        post(
                "/register",
                "{\"password\":\"p\",\"inhibit_login\":true,\"auth\":{\"type\":\"m.login.dummy\"}}",
                null)
            .ok();
    assertThat(account.properties()).hasSize(1);
    assertThat(account.path("user_id").asText()).matches("@[a-z0-9]{12}:one.test");
    assertThat(((AccountCommand.Register) log.accounts().getFirst()).session()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"username\":\"Carol\"} | 400 | M_INVALID_USERNAME",
        "{\"username\":\"a b\"} | 400 | M_INVALID_USERNAME",
        "{\"username\":\"a:one.test\"} | 400 | M_INVALID_USERNAME",
        "{\"username\":\"\"} | 400 | M_INVALID_USERNAME",
        "{\"username\":\"alice\"} | 400 | M_USER_IN_USE",
        "{\"username\":5} | 400 | M_BAD_JSON",
        "{\"username\":\"c\",\"auth\":{\"type\":\"m.login.dummy\"}} | 400 | M_MISSING_PARAM",
        "{\"username\":\"c\",\"password\":\"\",\"auth\":{\"type\":\"m.login.dummy\"}}"
            + " | 400 | M_WEAK_PASSWORD",
        "{\"username\":\"c\",\"password\":\"p\",\"device_id\":\"\","
            + "\"auth\":{\"type\":\"m.login.dummy\"}} | 400 | M_INVALID_PARAM",
      })
  void refusesRegistrations(String body, int status, String errcode) throws Exception {
    post("/register", body, null).fails(status, errcode);
    assertThat(log.accounts()).isEmpty();
  }

  @Test
  void hasNoGuests() throws Exception {
    post("/register?kind=guest", "{}", null).fails(403, "M_GUEST_ACCESS_FORBIDDEN");
    post("/register?kind=robot", "{}", null).fails(400, "M_INVALID_PARAM");
  }

  @Test
  void tellsWhichNamesAreFree() throws Exception {
    assertThat(get("/register/available?username=carol").ok().path("available").asBoolean())
        .isTrue();
    get("/register/available?username=alice").fails(400, "M_USER_IN_USE");
    get("/register/available?username=A").fails(400, "M_INVALID_USERNAME");
    get("/register/available").fails(400, "M_MISSING_PARAM");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"}",
        "\"identifier\":{\"type\":\"m.id.user\",\"user\":\"@alice:one.test\"}",
        "\"user\":\"alice\"",
      })
  void logsIn(String name) throws Exception {
    JsonNode session =
        post("/login", "{\"type\":\"m.login.password\",\"password\":\"right\"," + name + "}", null)
            .ok();
    assertThat(session.path("user_id").asText()).isEqualTo("@alice:one.test");
    assertThat(session.path("device_id").asText()).matches("[A-Z]{10}");
    AccountCommand.CreateSession command = (AccountCommand.CreateSession) log.accounts().getFirst();
    assertThat(command.passwordPosition()).isEqualTo(Position.ofOffset(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"m.login.password\",\"password\":\"wrong\",\"user\":\"alice\"}"
            + " | 403 | M_FORBIDDEN",
        "{\"type\":\"m.login.password\",\"password\":\"right\",\"user\":\"nobody\"}"
            + " | 403 | M_FORBIDDEN",
        "{\"type\":\"m.login.password\",\"password\":\"right\",\"user\":\"@bad\"}"
            + " | 403 | M_FORBIDDEN",
        "{\"type\":\"m.login.password\",\"password\":\"right\"} | 400 | M_MISSING_PARAM",
        "{\"type\":\"m.login.password\",\"user\":\"alice\"} | 400 | M_MISSING_PARAM",
        "{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.phone\"}}"
            + " | 400 | M_UNKNOWN",
        "{\"type\":\"m.login.token\"} | 400 | M_UNKNOWN",
        "{} | 400 | M_MISSING_PARAM",
      })
  void refusesLogins(String body, int status, String errcode) throws Exception {
    post("/login", body, null).fails(status, errcode);
    assertThat(log.accounts()).isEmpty();
  }

  @Test
  void manyWrongPasswordsAreLimitedByUser() throws Exception {
    String wrong = "{\"type\":\"m.login.password\",\"password\":\"no\",\"user\":\"victim\"}";
    Reply last = post("/login", wrong, null);
    for (int i = 0; i < 12 && last.status() == 403; i++) {
      last = post("/login", wrong, null);
    }
    last.fails(429, "M_LIMIT_EXCEEDED");
    assertThat(last.json().path("retry_after_ms").asLong()).isPositive();
    post("/login", "{\"type\":\"m.login.password\",\"password\":\"right\",\"user\":\"bob\"}", null)
        .ok();
  }

  @Test
  void manyWrongPasswordsAreLimitedByAddressToo() throws Exception {
    String wrong = "{\"type\":\"m.login.password\",\"password\":\"no\",\"user\":\"u%d\"}";
    String right = "{\"type\":\"m.login.password\",\"password\":\"right\",\"user\":\"bob\"}";
    Reply last = loginFrom("203.0.113.7", wrong.formatted(0));
    for (int i = 1; i < 60 && last.status() == 403; i++) {
      last = loginFrom("203.0.113.7", wrong.formatted(i));
    }
    last.fails(429, "M_LIMIT_EXCEEDED");
    loginFrom("203.0.113.7", right).fails(429, "M_LIMIT_EXCEEDED");
    loginFrom("203.0.113.8", right).ok();
  }

  @Test
  void endsSessions() throws Exception {
    post("/logout", "{}", "token").ok();
    post("/logout/all", "{}", "token").ok();
    List<AccountCommand> commands = log.accounts();
    assertThat(((AccountCommand.EndSessions) commands.get(0)).devices()).hasSize(1);
    assertThat(((AccountCommand.EndSessions) commands.get(1)).devices()).isNull();
    post("/logout", "{}", null).fails(401, "M_MISSING_TOKEN");
    post("/logout", "{}", "other").fails(401, "M_UNKNOWN_TOKEN");
  }

  @Test
  void deletesDevicesWithThePasswordOnly() throws Exception {
    Reply asked = send("DELETE", "/devices/PHONE", null, "token");
    assertThat(asked.status()).isEqualTo(401);
    assertThat(asked.json().at("/flows/0/stages/0").asText()).isEqualTo("m.login.password");
    String auth =
        "{\"devices\":[\"PHONE\"],\"auth\":{\"type\":\"m.login.password\",\"password\":\"%s\","
            + "\"identifier\":{\"type\":\"m.id.user\",\"user\":\"%s\"}}}";
    post("/delete_devices", auth.formatted("wrong", "alice"), "token").fails(401, "M_FORBIDDEN");
    post("/delete_devices", auth.formatted("right", "bob"), "token").fails(401, "M_FORBIDDEN");
    assertThat(log.accounts()).isEmpty();
    post("/delete_devices", auth.formatted("right", "alice"), "token").ok();
    send("DELETE", "/devices/PHONE", auth.formatted("right", "@alice:one.test"), "token").ok();
    assertThat(log.accounts()).hasSize(2);
  }

  @Test
  void renamesDevices() throws Exception {
    send("PUT", "/devices/PHONE", "{\"display_name\":\"x\"}", "token").ok();
    send("PUT", "/devices/NONE", "{\"display_name\":\"x\"}", "token").fails(404, "M_NOT_FOUND");
    send("PUT", "/devices/PHONE", "{\"display_name\":\"" + "x".repeat(300) + "\"}", "token")
        .fails(400, "M_INVALID_PARAM");
    assertThat(log.accounts()).hasSize(1);
  }

  @Test
  void uploadsKeysOfItsOwnDevice() throws Exception {
    String keys =
        "{\"device_keys\":{\"user_id\":\"@alice:one.test\",\"device_id\":\"%s\","
            + "\"algorithms\":[],\"keys\":{},\"signatures\":{}},"
            + "\"one_time_keys\":{\"signed_curve25519:A\":{\"key\":\"k\"}}}";
    ObjectNode counts = Json.object();
    counts.putObject("one_time_key_counts").put("signed_curve25519", 1);
    log.answerNext(counts);
    assertThat(post("/keys/upload", keys.formatted("PHONE"), "token").ok()).isEqualTo(counts);
    assertThat(((AccountCommand.UploadKeys) log.accounts().getFirst()).oneTimeKeys())
        .containsOnlyKeys("signed_curve25519:A");
    post("/keys/upload", keys.formatted("OTHER"), "token").fails(400, "M_INVALID_PARAM");
    post("/keys/upload", "{\"one_time_keys\":{\"nocolon\":{}}}", "token")
        .fails(400, "M_INVALID_PARAM");
    post("/keys/upload", "{\"one_time_keys\":{\"a:b\":1}}", "token").fails(400, "M_BAD_JSON");
    assertThat(log.accounts()).hasSize(1);
  }

  @Test
  void claimsKeysOfEachUser() throws Exception {
    ObjectNode claimed = Json.object();
    claimed.putObject("devices").putObject("D").putObject("signed_curve25519:A").put("key", "k");
    log.answerNext(claimed);
    JsonNode reply =
        post(
                "/keys/claim",
                "{\"one_time_keys\":{\"@bob:one.test\":{\"D\":\"signed_curve25519\"},"
                    + "\"@x:elsewhere\":{\"D\":\"signed_curve25519\"}}}",
                "token")
            .ok();
    assertThat(reply.at("/one_time_keys/@bob:one.test/D/signed_curve25519:A/key").asText())
        .isEqualTo("k");
    assertThat(reply.path("failures").has("elsewhere")).isTrue();
    assertThat(log.accounts()).hasSize(1);
    post("/keys/claim", "{}", "token").fails(400, "M_MISSING_PARAM");
  }

  @Test
  void aClaimOfAUserWhoDoesNotExistIsEmpty() throws Exception {
    log.failNext(Failure.NOT_FOUND);
    String one = "{\"one_time_keys\":{\"@nobody:one.test\":{\"D\":\"signed_curve25519\"}}}";
    JsonNode reply = post("/keys/claim", one, "token").ok();
    assertThat(reply.path("one_time_keys").isEmpty()).isTrue();
  }

  @Test
  void sendsToDevicesOfManyUsers() throws Exception {
    log.failNext(Failure.NOT_FOUND);
    String body =
        "{\"messages\":{\"@bob:one.test\":{\"*\":{\"a\":1}},\"@alice:one.test\":{\"D\":{}},"
            + "\"@x:elsewhere\":{\"D\":{}}}}";
    send("PUT", "/sendToDevice/m.x/t1", body, "token").ok();
    send("PUT", "/sendToDevice/m.x/t2", body, "token").ok();
    List<AccountCommand.SendToDevice> sent =
        log.accounts().stream().map(AccountCommand.SendToDevice.class::cast).toList();
    assertThat(sent)
        .extracting(AccountCommand.SendToDevice::key)
        .containsExactlyInAnyOrder(
            "@bob:one.test", "@alice:one.test", "@bob:one.test", "@alice:one.test");
    assertThat(sent.stream().map(AccountCommand.SendToDevice::dedupe).distinct()).hasSize(2);
    send("PUT", "/sendToDevice/m.x/t3", "{}", "token").fails(400, "M_MISSING_PARAM");
    send("PUT", "/sendToDevice/m.x/t4", "{\"messages\":{\"bob\":{}}}", "token")
        .fails(400, "M_INVALID_PARAM");
  }

  @Test
  void keepsAccountDataOfItsOwnUser() throws Exception {
    String own = "/user/@alice:one.test";
    send("PUT", own + "/account_data/m.direct", "{\"f\":1.5}", "token").ok();
    send("PUT", own + "/rooms/!room/account_data/m.tag", "{}", "token").ok();
    for (String type : List.of("m.push_rules", "m.fully_read")) {
      send("PUT", own + "/account_data/" + type, "{}", "token").fails(405, "M_BAD_JSON");
    }
    send("PUT", "/user/@bob:one.test/account_data/m.direct", "{}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", own + "/rooms/room/account_data/m.tag", "{}", "token")
        .fails(400, "M_INVALID_PARAM");
    assertThat(log.accounts()).hasSize(2);
  }

  @Test
  void equalFiltersHaveOneId() throws Exception {
    String path = "/user/@alice:one.test/filter";
    String id = post(path, "{\"room\":{}}", "token").ok().path("filter_id").asText();
    assertThat(id).isNotEmpty().doesNotStartWith("{");
    assertThat(post(path, "{\"room\":{}}", "token").ok().path("filter_id").asText()).isEqualTo(id);
    assertThat(post(path, "{}", "token").ok().path("filter_id").asText()).isNotEqualTo(id);
    post(path, "{\"room\":[]}", "token").fails(400, "M_BAD_JSON");
  }

  @Test
  void setsItsOwnProfile() throws Exception {
    send("PUT", "/profile/@alice:one.test/displayname", "{\"displayname\":\"A\"}", "token").ok();
    send("DELETE", "/profile/@alice:one.test/displayname", null, "token").ok();
    assertThat(log.accounts())
        .extracting(command -> ((AccountCommand.SetProfileField) command).value())
        .containsExactly("A", null);
    send("PUT", "/profile/@bob:one.test/displayname", "{\"displayname\":\"A\"}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", "/profile/@alice:one.test/displayname", "{\"displayname\":4}", "token")
        .fails(400, "M_BAD_JSON");
    send("PUT", "/profile/@alice:one.test/displayname", "{}", "token")
        .fails(400, "M_MISSING_PARAM");
    send("PUT", "/profile/@alice:one.test/m.tz", "{\"m.tz\":\"x\"}", "token")
        .fails(403, "M_FORBIDDEN");
  }

  // Rooms

  @Test
  void createsARoom() throws Exception {
    String room = post("/createRoom", "{\"name\":\"N\"}", "token").ok().path("room_id").asText();
    RoomCommand.CreateRoom command = (RoomCommand.CreateRoom) log.rooms().getFirst();
    assertThat(command.roomId().value()).isEqualTo(room).matches("![A-Za-z0-9_-]{43}");
    assertThat(command.events().getFirst().content().path("displayname").asText())
        .isEqualTo("Alice");
  }

  @Test
  void answersWhenTheNewRoomsAliasCanBeRead() throws Exception {
    RoomAlias alias = new RoomAlias("#pub:one.test");
    server.accounts().settleLater(5, alias, ROOM);
    post("/createRoom", "{\"room_alias_name\":\"pub\"}", "token").ok();
    assertThat(server.accounts().aliases).containsKey(alias);
  }

  @Test
  void createsARoomWithAnAliasAsASaga() throws Exception {
    post("/createRoom", "{\"room_alias_name\":\"pub\"}", "token").ok();
    AccountCommand.CreateRoomWithAlias saga =
        (AccountCommand.CreateRoomWithAlias) log.accounts().getFirst();
    assertThat(saga.alias().value()).isEqualTo("#pub:one.test");
    assertThat(saga.create().alias()).isEqualTo(saga.alias());
    log.failNext(Failure.ALIAS_IN_USE);
    post("/createRoom", "{\"room_alias_name\":\"pub\"}", "token").fails(400, "M_ROOM_IN_USE");
    server.accounts().aliases.put(new RoomAlias("#pub:one.test"), ROOM);
    post("/createRoom", "{\"room_alias_name\":\"pub\"}", "token").fails(400, "M_ROOM_IN_USE");
    assertThat(log.accounts()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"preset\":\"cosy\"} | 400 | M_INVALID_PARAM",
        "{\"visibility\":\"x\"} | 400 | M_INVALID_PARAM",
        "{\"room_version\":\"99\"} | 400 | M_UNSUPPORTED_ROOM_VERSION",
        "{\"room_alias_name\":\"a:b\"} | 400 | M_INVALID_PARAM",
        "{\"room_alias_name\":\"\"} | 400 | M_INVALID_PARAM",
        "{\"invite\":[\"x\"]} | 400 | M_INVALID_PARAM",
        "{\"invite\":[\"@x:elsewhere\"]} | 403 | M_FORBIDDEN",
        "{\"creation_content\":{\"f\":1.5}} | 400 | M_BAD_JSON",
        "{\"initial_state\":[{\"type\":\"m.x\"}]} | 400 | M_MISSING_PARAM",
        "{\"invite_3pid\":[{}]} | 400 | M_INVALID_PARAM",
      })
  void refusesRoomsOfBadForm(String body, int status, String errcode) throws Exception {
    post("/createRoom", body, "token").fails(status, errcode);
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void aRefusedInitialEventIsAnInvalidRoomState() throws Exception {
    log.failNext(Failure.FORBIDDEN);
    post("/createRoom", "{}", "token").fails(400, "M_INVALID_ROOM_STATE");
  }

  @Test
  void changesMemberships() throws Exception {
    String bob = "{\"user_id\":\"@bob:one.test\",\"reason\":\"why\"}";
    assertThat(post("/rooms/!other/join", "", "token").ok().path("room_id").asText())
        .isEqualTo("!other");
    post("/join/!other", "{}", "token").ok();
    post("/rooms/!room/invite", bob, "token").ok();
    post("/rooms/!room/kick", bob, "token").ok();
    post("/rooms/!room/ban", bob, "token").ok();
    post("/rooms/!room/unban", bob, "token").ok();
    post("/rooms/!room/leave", "", "token").ok();
    assertThat(log.rooms())
        .extracting(command -> ((RoomCommand.ChangeMembership) command).action().name())
        .containsExactly("JOIN", "JOIN", "INVITE", "KICK", "BAN", "UNBAN", "LEAVE");
    RoomCommand.ChangeMembership join = (RoomCommand.ChangeMembership) log.rooms().getFirst();
    assertThat(join.content().path("displayname").asText()).isEqualTo("Alice");
    RoomCommand.ChangeMembership kick = (RoomCommand.ChangeMembership) log.rooms().get(3);
    assertThat(kick.content()).isEqualTo(Json.object().put("reason", "why"));
  }

  @Test
  void joinsByAlias() throws Exception {
    post("/join/%23pub:one.test?via=one.test", "{}", "token").fails(404, "M_NOT_FOUND");
    server.accounts().aliases.put(new RoomAlias("#pub:one.test"), OTHER);
    assertThat(post("/join/%23pub:one.test", "{}", "token").ok().path("room_id").asText())
        .isEqualTo("!other");
  }

  @Test
  void joinsCarryEvidenceForRestrictedRooms() throws Exception {
    ObjectNode rules = Json.object().put("type", "m.room.join_rules").put("state_key", "");
    rules
        .putObject("content")
        .put("join_rule", "restricted")
        .putArray("allow")
        .addObject()
        .put("type", "m.room_membership")
        .put("room_id", "!room");
    server.rooms().put(OTHER, rules);
    post("/join/!other", "{}", "token").ok();
    assertThat(((RoomCommand.ChangeMembership) log.rooms().getFirst()).restrictedEvidence())
        .containsExactly(ROOM);
  }

  @Test
  void invitesNobodyWhoIsOutOfReach() throws Exception {
    post("/rooms/!room/invite", "{\"user_id\":\"@x:elsewhere\"}", "token")
        .fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).isEmpty();
  }

  @Test
  void forgetsOnlyRoomsThatWereLeft() throws Exception {
    post("/rooms/!room/forget", "{}", "token").ok();
    log.failNext(Failure.BAD_STATE);
    post("/rooms/!room/forget", "{}", "token").fails(400, "M_UNKNOWN");
  }

  @Test
  void sendsEvents() throws Exception {
    JsonNode sent = send("PUT", "/rooms/!room/send/m.x/t1", "{\"a\":1}", "token").ok();
    assertThat(sent.path("event_id").asText()).isEqualTo("$event");
    RoomCommand.SendEvent command = (RoomCommand.SendEvent) log.rooms().getFirst();
    assertThat(command.event().stateKey()).isNull();
    assertThat(command.transaction().txnId()).isEqualTo("t1");
    assertThat(command.transaction().device().value()).isEqualTo("PHONE");
    send("PUT", "/rooms/!room/send/m.x/t1", "{\"a\":\"" + "x".repeat(66_000) + "\"}", "token")
        .fails(413, "M_TOO_LARGE");
    send("PUT", "/rooms/room/send/m.x/t1", "{}", "token").fails(400, "M_INVALID_PARAM");
    send("PUT", "/rooms/!room/send/" + "t".repeat(256) + "/t1", "{}", "token")
        .fails(400, "M_INVALID_PARAM");
  }

  @Test
  void toDeviceTransactionsOfDifferentTypesAreNeverOne() throws Exception {
    String body = "{\"messages\":{\"@bob:one.test\":{\"*\":{\"a\":1}}}}";
    send("PUT", "/sendToDevice/a/b%7Cc", body, "token").ok();
    send("PUT", "/sendToDevice/a%7Cb/c", body, "token").ok();
    send("PUT", "/sendToDevice/a%7Cb/c", body, "token").ok();
    assertThat(
            log.accounts().stream()
                .map(command -> ((AccountCommand.SendToDevice) command).dedupe())
                .distinct())
        .hasSize(2);
  }

  @Test
  void setsState() throws Exception {
    send("PUT", "/rooms/!room/state/m.room.name", "{}", "token").ok();
    send("PUT", "/rooms/!room/state/m.room.name/", "{}", "token").ok();
    send("PUT", "/rooms/!room/state/m.x/a%2Fb", "{}", "token").ok();
    assertThat(log.rooms())
        .extracting(command -> ((RoomCommand.SendEvent) command).event().stateKey())
        .containsExactly("", "", "a/b");
  }

  @Test
  void stateThatStandsIsNotSentAgain() throws Exception {
    ObjectNode name = Json.object().put("type", "m.room.name").put("state_key", "");
    name.put("sender", ALICE.value()).putObject("content").put("name", "n");
    server.rooms().put(ROOM, name);
    String path = "/rooms/" + ROOM + "/state/m.room.name/";
    JsonNode answer = send("PUT", path, "{\"name\":\"n\"}", "token").ok();
    assertThat(answer.path("event_id").asText()).isEqualTo("$m.room.name-");
    assertThat(log.rooms()).isEmpty();
    send("PUT", path, "{\"name\":\"other\"}", "token").ok();
    name.put("sender", "@bob:one.test");
    server.rooms().put(ROOM, name);
    send("PUT", path, "{\"name\":\"n\"}", "token").ok();
    assertThat(log.rooms()).hasSize(2);
    name.put("sender", ALICE.value());
    server.rooms().put(ROOM, name);
    server.rooms().put(ROOM, member(ALICE, "leave"));
    send("PUT", path, "{\"name\":\"n\"}", "token").ok();
    assertThat(log.rooms()).as("who has left is refused by the room").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "@alice:one.test, join, join, JOIN_AS",
    "@alice:one.test, join, leave, LEAVE",
    "@bob:one.test, leave, invite, INVITE",
    "@bob:one.test, join, leave, KICK",
    "@bob:one.test, ban, leave, UNBAN",
    "@bob:one.test, join, ban, BAN",
  })
  void memberStateIsAMembershipChange(
      String user, String present, String wanted, RoomCommand.Action action) throws Exception {
    server.rooms().put(ROOM, member(new UserId(user), present));
    send(
            "PUT",
            "/rooms/!room/state/m.room.member/" + user,
            "{\"membership\":\"" + wanted + "\",\"n\":1}",
            "token")
        .ok();
    RoomCommand.ChangeMembership change = (RoomCommand.ChangeMembership) log.rooms().getFirst();
    assertThat(change.action()).isEqualTo(action);
    assertThat(change.content()).isEqualTo(Json.object().put("n", 1));
  }

  @Test
  void refusesAnUnknownMembership() throws Exception {
    send(
            "PUT",
            "/rooms/!room/state/m.room.member/@bob:one.test",
            "{\"membership\":\"zombie\"}",
            "token")
        .fails(400, "M_BAD_JSON");
  }

  @Test
  void aCanonicalAliasMustPointToItsRoom() throws Exception {
    String path = "/rooms/!room/state/m.room.canonical_alias";
    String body = "{\"alias\":\"#pub:one.test\"}";
    send("PUT", path, body, "token").fails(400, "M_BAD_ALIAS");
    server.accounts().aliases.put(new RoomAlias("#pub:one.test"), OTHER);
    send("PUT", path, body, "token").fails(400, "M_BAD_ALIAS");
    send("PUT", path, "{\"alt_aliases\":[\"pub\"]}", "token").fails(400, "M_INVALID_PARAM");
    server.accounts().aliases.put(new RoomAlias("#pub:one.test"), ROOM);
    send("PUT", path, body, "token").ok();
    send("PUT", path, "{}", "token").ok();
  }

  @Test
  void redacts() throws Exception {
    send("PUT", "/rooms/!room/redact/$e/t", "{\"reason\":\"why\"}", "token").ok();
    send("PUT", "/rooms/!room/send/m.room.redaction/t", "{\"redacts\":\"$e\"}", "token").ok();
    assertThat(log.rooms())
        .extracting(command -> ((RoomCommand.Redact) command).reason())
        .containsExactly("why", null);
    send("PUT", "/rooms/!room/redact/e/t", "{}", "token").fails(400, "M_INVALID_PARAM");
  }

  @Test
  void typingAndReceiptsNeedMembership() throws Exception {
    send("PUT", "/rooms/!room/typing/@alice:one.test", "{\"typing\":true}", "token").ok();
    send("PUT", "/rooms/!room/typing/@alice:one.test", "{\"typing\":false}", "token").ok();
    post("/rooms/!room/receipt/m.read/$e", "", "token").ok();
    post("/rooms/!room/receipt/m.read.private/$e", "{\"thread_id\":\"main\"}", "token").ok();
    post("/rooms/!room/read_markers", "{\"m.fully_read\":\"$f\",\"m.read\":\"$f\"}", "token").ok();
    List<Object> sent = log.ephemeral();
    assertThat(((TypingRecord) sent.get(0)).untilTs()).isPositive();
    assertThat(((TypingRecord) sent.get(1)).untilTs()).isZero();
    assertThat(((ReceiptRecord) sent.get(2)).threadId()).isNull();
    assertThat(((ReceiptRecord) sent.get(3)).threadId()).isEqualTo("main");
    assertThat(((ReceiptRecord) sent.get(4)).eventId().value()).isEqualTo("$f");
    assertThat(log.accounts()).hasSize(1);

    send("PUT", "/rooms/!other/typing/@alice:one.test", "{\"typing\":true}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", "/rooms/!room/typing/@bob:one.test", "{\"typing\":true}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", "/rooms/!room/typing/@alice:one.test", "{}", "token").fails(400, "M_MISSING_PARAM");
    post("/rooms/!other/receipt/m.read/$e", "{}", "token").fails(403, "M_FORBIDDEN");
    post("/rooms/!room/receipt/m.seen/$e", "{}", "token").fails(400, "M_INVALID_PARAM");
    post("/rooms/!room/receipt/m.read/$e", "{\"thread_id\":\"\"}", "token")
        .fails(400, "M_INVALID_PARAM");
    post("/rooms/!room/receipt/m.read/$e", "{\"thread_id\":5}", "token")
        .fails(400, "M_INVALID_PARAM");
    post("/rooms/!room/receipt/m.fully_read/$e", "{\"thread_id\":\"main\"}", "token")
        .fails(400, "M_INVALID_PARAM");
  }

  @Test
  void onesOwnPresenceMayBePut() throws Exception {
    String path = "/presence/@alice:one.test/status";
    send("PUT", path, "{\"presence\":\"online\",\"status_msg\":\"here\"}", "token").ok();
    send("PUT", path, "{\"presence\":\"online\",\"status_msg\":\"here\"}", "token").ok();
    send("PUT", path, "{\"presence\":\"unavailable\",\"status_msg\":null}", "token").ok();
    send("PUT", path, "{\"presence\":\"offline\"}", "token").ok();
    List<PresenceRecord> put = log.ephemeral().stream().map(PresenceRecord.class::cast).toList();
    assertThat(put)
        .extracting(PresenceRecord::presence)
        .containsExactly(Presence.ONLINE, Presence.ONLINE, Presence.UNAVAILABLE, Presence.OFFLINE);
    assertThat(put).extracting(PresenceRecord::renewal).containsExactly(false, true, false, false);
    assertThat(put).extracting(PresenceRecord::user).containsOnly(ALICE);
    assertThat(put.get(0).statusMsg()).isEqualTo("here");
    assertThat(put.get(0).device()).isEqualTo(new DeviceId("PHONE"));
    assertThat(put.get(0).untilTs()).isGreaterThan(put.get(0).lastActiveTs());
    assertThat(put.get(2).statusMsg()).isNull();
    assertThat(put.get(3).untilTs()).isZero();

    send("PUT", "/presence/@bob:one.test/status", "{\"presence\":\"online\"}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", path, "{\"presence\":\"busy\"}", "token").fails(400, "M_INVALID_PARAM");
    send("PUT", path, "{\"presence\":5}", "token").fails(400, "M_BAD_JSON");
    send("PUT", path, "{}", "token").fails(400, "M_MISSING_PARAM");
    send("PUT", path, "{\"presence\":\"online\"}", null).fails(401, "M_MISSING_TOKEN");
    String tooLong = "x".repeat(PresenceRecord.STATUS_BYTES_MAX + 1);
    send("PUT", path, "{\"presence\":\"online\",\"status_msg\":\"" + tooLong + "\"}", "token")
        .fails(400, "M_INVALID_PARAM");
    assertThat(log.ephemeral()).hasSize(4);
  }

  @Test
  void setsAndDeletesAliases() throws Exception {
    String path = "/directory/room/%23pub:one.test";
    send("PUT", path, "{\"room_id\":\"!room\"}", "token").ok();
    log.failNext(Failure.ALIAS_IN_USE);
    send("PUT", path, "{\"room_id\":\"!room\"}", "token").fails(409, "M_UNKNOWN");
    send("PUT", path, "{\"room_id\":\"!other\"}", "token").fails(403, "M_FORBIDDEN");
    send("PUT", "/directory/room/%23pub:elsewhere", "{\"room_id\":\"!room\"}", "token")
        .fails(400, "M_INVALID_PARAM");
    send("DELETE", path, null, "token").fails(404, "M_NOT_FOUND");
    server.accounts().aliases.put(new RoomAlias("#pub:one.test"), ROOM);
    send("DELETE", path, null, "token").ok();
    AccountCommand.DeleteAlias delete = (AccountCommand.DeleteAlias) log.accounts().getLast();
    assertThat(delete.mayDeleteOthers()).isFalse();
  }

  // Outcomes

  @ParameterizedTest
  @EnumSource(Failure.class)
  void everyFailureHasItsError(Failure failure) throws Exception {
    log.failNext(failure);
    Reply reply = send("PUT", "/rooms/!room/send/m.x/t", "{}", "token");
    assertThat(reply.status()).isBetween(400, 500);
    assertThat(reply.json().path("errcode").asText()).startsWith("M_");
    assertThat(reply.status() == 500).isEqualTo(failure == Failure.INTERNAL);
  }

  /** What nobody was told of is of no use; after silence it may still be decided. */
  @Test
  void bytesOfARefusedUploadAreDeleted() throws Exception {
    log.failNext(Failure.FORBIDDEN);
    assertThat(upload("refused")).isEqualTo(403);
    assertThat(isStored("refused")).isFalse();
    assertThat(upload("taken")).isEqualTo(200);
    assertThat(isStored("taken")).isTrue();
    log.beSilent();
    assertThat(upload("silence")).isEqualTo(504);
    assertThat(isStored("silence")).isTrue();
  }

  private int upload(String content) throws Exception {
    URI uri =
        URI.create("http://" + base.getHost() + ":" + base.getPort() + "/_matrix/media/v3/upload");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer token")
            .POST(HttpRequest.BodyPublishers.ofString(content))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private boolean isStored(String content) throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
    var found = media.open(HexFormat.of().formatHex(hash));
    if (found.isPresent()) {
      found.get().close();
    }
    return found.isPresent();
  }

  @Test
  void noAnswerInTimeIsAGatewayTimeout() throws Exception {
    log.beSilent();
    send("PUT", "/rooms/!room/send/m.x/t", "{}", "token").fails(504, "M_UNKNOWN");
  }

  @Test
  void aServerAclDeniesTenantsAsItDeniesOtherServers() throws Exception {
    ObjectNode acl = Json.object().put("type", "m.room.server_acl").put("state_key", "");
    acl.put("sender", "@admin:two.test");
    acl.putObject("content").putArray("allow").add("two.test");
    server.rooms().put(ROOM, acl);
    String room = "/rooms/" + ROOM;
    // Alone there, whom it denies is refused by those who receive it.
    send("PUT", room + "/send/m.room.message/t0", "{\"body\":\"hi\"}", "token").ok();
    int sent = log.rooms().size();
    server.rooms().put(ROOM, member(new UserId("@carol:closed.test"), "join"));
    send("PUT", room + "/send/m.room.message/t1", "{\"body\":\"hi\"}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", room + "/state/m.room.topic/", "{\"topic\":\"t\"}", "token")
        .fails(403, "M_FORBIDDEN");
    send("PUT", room + "/redact/$event/t2", "{}", "token").fails(403, "M_FORBIDDEN");
    post(room + "/invite", "{\"user_id\":\"@bob:one.test\"}", "token").fails(403, "M_FORBIDDEN");
    send("PUT", room + "/typing/" + ALICE, "{\"typing\":true}", "token").fails(403, "M_FORBIDDEN");
    assertThat(log.rooms()).hasSize(sent);
    // Leaving stays possible.
    post(room + "/leave", "{}", "token").ok();
  }

  // Tenants are servers to each other

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClosedTenantIsClosedToItsNeighbours(boolean own) throws Exception {
    FederationPolicy open = FederationPolicy.OPEN.without("elsewhere");
    server.speakWith(
        own ? FederationPolicy.NONE : open, own ? open : FederationPolicy.onlyWith("x"));
    meetCarol();
    String carol = "{\"user_id\":\"" + CAROL + "\"}";
    post("/rooms/!room/invite", carol, "token").fails(403, "M_FORBIDDEN");
    send("PUT", "/rooms/!room/state/m.room.member/" + CAROL, "{\"membership\":\"invite\"}", "token")
        .fails(403, "M_FORBIDDEN");
    post("/createRoom", "{\"invite\":[\"" + CAROL + "\"]}", "token").fails(403, "M_FORBIDDEN");
    // As for the alias of a server that is denied, and for a room that nobody is known to be in.
    post("/join/%23x:closed.test", "{}", "token").fails(502, "M_UNKNOWN");
    post("/knock/%23x:closed.test", "{}", "token").fails(502, "M_UNKNOWN");
    post("/join/" + OTHER, "{}", "token").fails(404, "M_NOT_FOUND");
    post("/knock/" + OTHER, "{}", "token").fails(404, "M_NOT_FOUND");
    String member = "/rooms/" + OTHER + "/state/m.room.member/" + ALICE;
    send("PUT", member, "{\"membership\":\"join\"}", "token").fails(404, "M_NOT_FOUND");
    assertThat(log.rooms()).isEmpty();
    send("PUT", "/sendToDevice/m.x/closed" + own, toCarol(), "token").ok();
    JsonNode claimed = post("/keys/claim", claimOfCarol(), "token").ok();
    assertThat(claimed.path("one_time_keys")).isEmpty();
    assertThat(claimed.path("failures").has("closed.test")).isTrue();
    assertThat(log.accounts()).isEmpty();
    // Nobody denies users of their own tenant.
    post("/rooms/!room/invite", "{\"user_id\":\"@bob:one.test\"}", "token").ok();
    // Nor a room that the tenant is in already, whoever else is.
    server.rooms().put(OTHER, member(BOB, "join"));
    post("/join/" + OTHER, "{}", "token").ok();
  }

  @Test
  void openTenantsMeet() throws Exception {
    meetCarol();
    post("/rooms/!room/invite", "{\"user_id\":\"" + CAROL + "\"}", "token").ok();
    post("/join/%23x:closed.test", "{}", "token").ok();
    post("/knock/" + OTHER, "{}", "token").ok();
    assertThat(log.rooms()).hasSize(3);
    send("PUT", "/sendToDevice/m.x/open", toCarol(), "token").ok();
    assertThat(log.accounts()).hasSize(1);
    post("/keys/claim", claimOfCarol(), "token").ok();
    assertThat(log.accounts()).hasSize(2);
  }

  /** Who is in a room of another tenant, which has an alias there. */
  private void meetCarol() {
    server.rooms().put(OTHER, member(CAROL, "join"));
    server.accounts().aliases.put(new RoomAlias("#x:closed.test"), OTHER);
  }

  private static String toCarol() {
    return "{\"messages\":{\"" + CAROL + "\":{\"*\":{\"a\":1}}}}";
  }

  private static String claimOfCarol() {
    return "{\"one_time_keys\":{\"" + CAROL + "\":{\"D\":\"signed_curve25519\"}}}";
  }

  private Reply post(String path, String body, String token) throws Exception {
    return send("POST", path, body, token);
  }

  private Reply get(String path) throws Exception {
    return send("GET", path, null, null);
  }

  private Reply loginFrom(String address, String body) throws Exception {
    return send("POST", "/login", body, null, "X-Forwarded-For", address);
  }

  private Reply send(String method, String path, String body, String token, String... headers)
      throws Exception {
    URI uri = URI.create("http://" + base.getHost() + ":" + base.getPort() + V3 + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }
}
