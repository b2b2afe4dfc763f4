package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;
import static org.headrace.conformance.client.Client.unique;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Discovery, registration, sessions, devices, profiles, account data and push rules. */
@ExtendWith(SharedServer.class)
class AccountsIT {
  private SharedServer.Server server;
  private Client nobody;

  @BeforeEach
  void rememberServer(SharedServer.Server shared) {
    server = shared;
    nobody = Client.nobody(shared.baseUrl());
  }

  private Client user(String name) {
    return Client.register(server.baseUrl(), name);
  }

  @Test
  void tellsVersionsAndCapabilities() {
    assertThat(nobody.get("/_matrix/client/versions").ok().path("versions")).isNotEmpty();
    nobody.get(V3 + "/capabilities").fails(401, "M_MISSING_TOKEN");
    JsonNode versions =
        user("cap").get(V3 + "/capabilities").ok().at("/capabilities/m.room_versions");
    assertThat(versions.path("default").asText()).isEqualTo("12");
    for (String version : List.of("10", "11", "12")) {
      assertThat(versions.path("available").path(version).asText()).as(version).isEqualTo("stable");
    }
  }

  @Test
  void tellsWhereTheServerIs() {
    JsonNode known = nobody.get("/.well-known/matrix/client").ok();
    assertThat(known.at("/m.homeserver/base_url").asText()).startsWith("http");
  }

  @Test
  void registrationAsksForDummyAuthentication() {
    String name = unique("reg");
    ObjectNode body = Json.object("username", name, "password", "secret of " + name);
    Reply asked = nobody.post(V3 + "/register", body);
    assertThat(asked.status()).isEqualTo(401);
    JsonNode flows = Json.parse(asked.text()).path("flows");
    assertThat(flows.findValuesAsText("stages").size() + flows.toString().indexOf("m.login.dummy"))
        .isPositive();
    assertThat(flows.toString()).contains("m.login.dummy");
    String session = Json.parse(asked.text()).path("session").asText();
    body.set("auth", Json.object("type", "m.login.dummy", "session", session));
    JsonNode account = nobody.post(V3 + "/register", body).ok();
    assertThat(account.path("user_id").asText()).startsWith("@" + name + ":");
    assertThat(account.path("access_token").asText()).isNotEmpty();
    assertThat(account.path("device_id").asText()).isNotEmpty();
  }

  @Test
  void registrationKeepsTheRulesOfUsernames() {
    String name = unique("taken");
    nobody.register(name);
    for (String bad : List.of("with space", "ümlaut", "co:lon", "x".repeat(256))) {
      nobody
          .post(
              V3 + "/register",
              Json.object(
                  "username",
                  bad,
                  "password",
                  "pw-of-many-words",
                  "auth",
                  Json.object("type", "m.login.dummy")))
          .fails(400, "M_INVALID_USERNAME");
    }
    nobody
        .post(
            V3 + "/register",
            Json.object(
                "username",
                name,
                "password",
                "pw-of-many-words",
                "auth",
                Json.object("type", "m.login.dummy")))
        .fails(400, "M_USER_IN_USE");
  }

  @Test
  void registrationWithoutLoginGivesNoToken() {
    JsonNode account =
        nobody
            .post(
                V3 + "/register",
                Json.object(
                    "username",
                    unique("quiet"),
                    "password",
                    "pw-of-many-words",
                    "inhibit_login",
                    true,
                    "auth",
                    Json.object("type", "m.login.dummy")))
            .ok();
    assertThat(account.path("user_id").asText()).startsWith("@quiet");
    assertThat(account.has("access_token")).isFalse();
    assertThat(account.has("device_id")).isFalse();
  }

  @Test
  void logsInByPassword() {
    Client user = user("log");
    assertThat(Json.each(nobody.get(V3 + "/login").ok().path("flows"), "type"))
        .contains("m.login.password");
    JsonNode byLocalpart =
        nobody.loginRequest(user.localpart(), Client.password(user.localpart())).ok();
    JsonNode byId = nobody.loginRequest(user.userId(), Client.password(user.localpart())).ok();
    assertThat(byLocalpart.path("user_id").asText()).isEqualTo(user.userId());
    assertThat(byId.path("device_id").asText())
        .isNotEqualTo(byLocalpart.path("device_id").asText());
    nobody.loginRequest(user.userId(), "wrong").fails(403, "M_FORBIDDEN");
    nobody.loginRequest(unique("never"), "wrong").fails(403, "M_FORBIDDEN");
    assertThat(nobody.post(V3 + "/login", Json.object("type", "m.login.smell")).status())
        .isEqualTo(400);
  }

  @Test
  void aNewLoginOfADeviceEndsItsOldToken() {
    Client user = user("again");
    JsonNode second =
        nobody
            .post(
                V3 + "/login",
                Json.object(
                    "type", "m.login.password",
                    "identifier", Json.object("type", "m.id.user", "user", user.localpart()),
                    "password", Client.password(user.localpart()),
                    "device_id", user.deviceId()))
            .ok();
    assertThat(second.path("device_id").asText()).isEqualTo(user.deviceId());
    user.get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
    user.withToken(second.path("access_token").asText()).get(V3 + "/account/whoami").ok();
  }

  @Test
  void tellsWhoATokenIs() {
    Client user = user("who");
    JsonNode who = user.get(V3 + "/account/whoami").ok();
    assertThat(who.path("user_id").asText()).isEqualTo(user.userId());
    assertThat(who.path("device_id").asText()).isEqualTo(user.deviceId());
    assertThat(
            nobody
                .get(V3 + "/account/whoami?access_token=" + user.token())
                .ok()
                .path("user_id")
                .asText())
        .isEqualTo(user.userId());
    nobody.get(V3 + "/account/whoami").fails(401, "M_MISSING_TOKEN");
    nobody.withToken("nonsense").get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
  }

  @Test
  void logsOutOneDeviceOrAll() {
    Client first = user("out");
    Client second = first.login();
    Client third = first.login();
    second.post(V3 + "/logout", Json.object()).ok();
    second.get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
    assertThat(Json.each(first.get(V3 + "/devices").ok().path("devices"), "device_id"))
        .containsExactlyInAnyOrder(first.deviceId(), third.deviceId());
    first.post(V3 + "/logout/all", Json.object()).ok();
    first.get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
    third.get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
  }

  @Test
  void namesDevices() {
    Client user = user("dev");
    String device = path(V3 + "/devices/{}", user.deviceId());
    user.put(device, Json.object("display_name", "the desk")).ok();
    assertThat(user.get(device).ok().path("display_name").asText()).isEqualTo("the desk");
    user.get(path(V3 + "/devices/{}", "NONE")).fails(404, "M_NOT_FOUND");
    user.put(path(V3 + "/devices/{}", "NONE"), Json.object("display_name", "x"))
        .fails(404, "M_NOT_FOUND");
    Client other = user("otherdev");
    other.get(device).fails(404, "M_NOT_FOUND");
  }

  @Test
  void deletesADeviceAfterThePasswordWasGiven() {
    Client user = user("del");
    Client doomed = user.login();
    Client kept = user.login();
    String device = path(V3 + "/devices/{}", doomed.deviceId());
    Reply asked = user.send("DELETE", device, "{}".getBytes());
    assertThat(asked.status()).as(asked.toString()).isEqualTo(401);
    String session = Json.parse(asked.text()).path("session").asText();
    Reply refused = user.send("DELETE", device, auth(user, session, "wrong").toString().getBytes());
    assertThat(refused.status()).as(refused.toString()).isIn(401, 403);
    doomed.get(V3 + "/account/whoami").ok();
    user.send(
            "DELETE",
            device,
            auth(user, session, Client.password(user.localpart())).toString().getBytes())
        .ok();
    doomed.get(V3 + "/account/whoami").fails(401, "M_UNKNOWN_TOKEN");
    kept.get(V3 + "/account/whoami").ok();
  }

  private static ObjectNode auth(Client user, String session, String password) {
    return Json.object(
        "auth",
        Json.object(
            "type",
            "m.login.password",
            "identifier",
            Json.object("type", "m.id.user", "user", user.localpart()),
            "password",
            password,
            "session",
            session));
  }

  @Test
  void keepsProfilesAndTellsRooms() {
    Client user = user("face");
    Client other = user("viewer");
    String room = user.createRoom("preset", "public_chat");
    other.join(room);
    other.sync();
    user.put(
            path(V3 + "/profile/{}/displayname", user.userId()),
            Json.object("displayname", "Façade"))
        .ok();
    user.put(
            path(V3 + "/profile/{}/avatar_url", user.userId()),
            Json.object("avatar_url", "mxc://x/y"))
        .ok();
    JsonNode profile = nobody.get(path(V3 + "/profile/{}", user.userId())).ok();
    assertThat(profile.path("displayname").asText()).isEqualTo("Façade");
    assertThat(profile.path("avatar_url").asText()).isEqualTo("mxc://x/y");
    assertThat(
            nobody
                .get(path(V3 + "/profile/{}/displayname", user.userId()))
                .ok()
                .path("displayname")
                .asText())
        .isEqualTo("Façade");
    other
        .put(path(V3 + "/profile/{}/displayname", user.userId()), Json.object("displayname", "x"))
        .fails(403, "M_FORBIDDEN");
    nobody
        .get(path(V3 + "/profile/{}", "@" + unique("none") + ":" + user.serverName()))
        .fails(404, "M_NOT_FOUND");
    other.syncUntil(
        "the member event with the new name",
        sync ->
            Json.where(
                    sync.at("/rooms/join").path(room).at("/timeline/events"),
                    "type",
                    "m.room.member")
                .stream()
                .anyMatch(
                    event ->
                        event.at("/content/displayname").asText().equals("Façade")
                            && event.at("/content/avatar_url").asText().equals("mxc://x/y")));
  }

  @Test
  void aJoinCarriesTheProfile() {
    Client user = user("named");
    user.put(
            path(V3 + "/profile/{}/displayname", user.userId()), Json.object("displayname", "Nell"))
        .ok();
    String room = user("host").createRoom("preset", "public_chat");
    user.join(room);
    assertThat(user.state(room, "m.room.member", user.userId()).ok().path("displayname").asText())
        .isEqualTo("Nell");
  }

  @Test
  void keepsAccountDataOfTheUserAndOfRooms() {
    Client user = user("data");
    Client other = user("nosy");
    String room = user.createRoom();
    user.sync();
    String global = path(V3 + "/user/{}/account_data/{}", user.userId(), "org.example.g");
    String inRoom =
        path(V3 + "/user/{}/rooms/{}/account_data/{}", user.userId(), room, "org.example.r");
    user.get(global).fails(404, "M_NOT_FOUND");
    user.get(inRoom).fails(404, "M_NOT_FOUND");
    user.put(global, Json.parse("{\"n\": 1.5}")).ok();
    user.put(inRoom, Json.object("n", 2)).ok();
    assertThat(user.get(global).ok()).isEqualTo(Json.parse("{\"n\": 1.5}"));
    assertThat(user.get(inRoom).ok().path("n").asInt()).isEqualTo(2);
    other.get(global).fails(403, "M_FORBIDDEN");
    other.put(global, Json.object()).fails(403, "M_FORBIDDEN");
    JsonNode[] seen = {Json.object(), Json.object()};
    user.syncUntil(
        "both kinds of account data",
        sync -> {
          Json.where(sync.at("/account_data/events"), "type", "org.example.g")
              .forEach(found -> seen[0] = found);
          Json.where(
                  sync.at("/rooms/join").path(room).at("/account_data/events"),
                  "type",
                  "org.example.r")
              .forEach(found -> seen[1] = found);
          return seen[0].has("content") && seen[1].has("content");
        });
    assertThat(seen[0].at("/content/n").asDouble()).isEqualTo(1.5);
    assertThat(user.sync().at("/account_data/events")).isEmpty();
    for (String kept : List.of("m.fully_read", "m.push_rules")) {
      assertThat(
              user.put(path(V3 + "/user/{}/account_data/{}", user.userId(), kept), Json.object())
                  .status())
          .as(kept)
          .isEqualTo(405);
    }
  }

  @Test
  void hasTheDefaultPushRules() {
    Client user = user("push");
    JsonNode rules = user.get(V3 + "/pushrules/").ok().path("global");
    assertThat(Json.each(rules.path("override"), "rule_id"))
        .contains(
            ".m.rule.master",
            ".m.rule.suppress_notices",
            ".m.rule.invite_for_me",
            ".m.rule.member_event",
            ".m.rule.is_user_mention",
            ".m.rule.is_room_mention",
            ".m.rule.tombstone",
            ".m.rule.reaction",
            ".m.rule.room.server_acl");
    assertThat(Json.each(rules.path("underride"), "rule_id"))
        .contains(
            ".m.rule.call",
            ".m.rule.encrypted_room_one_to_one",
            ".m.rule.room_one_to_one",
            ".m.rule.message",
            ".m.rule.encrypted");
    assertThat(rules.path("override").get(0).path("enabled").asBoolean()).isFalse();
    List<JsonNode> pushed =
        Json.where(user.sync().at("/account_data/events"), "type", "m.push_rules");
    assertThat(pushed).hasSize(1);
    assertThat(pushed.getFirst().at("/content/global")).isEqualTo(rules);
  }

  @Test
  void keepsFilters() {
    Client user = user("filter");
    Client other = user("otherfilter");
    String filters = path(V3 + "/user/{}/filter", user.userId());
    ObjectNode filter = Json.object("room", Json.object("timeline", Json.object("limit", 3)));
    String id = user.post(filters, filter).ok().path("filter_id").asText();
    assertThat(id).doesNotStartWith("{");
    assertThat(user.get(filters + "/" + id).ok().at("/room/timeline/limit").asInt()).isEqualTo(3);
    assertThat(user.get(filters + "/999999").status()).isEqualTo(404);
    other.get(filters + "/" + id).fails(403, "M_FORBIDDEN");
    other.post(filters, filter).fails(403, "M_FORBIDDEN");
    assertThat(user.post(filters, Json.object("room", "all")).status()).isEqualTo(400);
  }

  @Test
  void answersUnknownPathsAndMethods() {
    nobody.get("/_matrix/client/v3/nothing/here").fails(404, "M_UNRECOGNIZED");
    nobody.get("/_matrix/unknown").fails(404, "M_UNRECOGNIZED");
    nobody.delete(V3 + "/login").fails(405, "M_UNRECOGNIZED");
    nobody.send("PATCH", V3 + "/createRoom", "{}".getBytes()).fails(405, "M_UNRECOGNIZED");
  }

  @Test
  void letsBrowsersIn() {
    for (String anywhere : List.of("/sync", "/rooms/!x/send/m.room.message/1", "/nothing")) {
      Reply preflight = nobody.send("OPTIONS", V3 + anywhere, new byte[0]);
      assertThat(preflight.status()).isBetween(200, 204);
      assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
      assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
          .contains("Authorization");
    }
    Reply refused = nobody.get(V3 + "/sync");
    refused.fails(401, "M_MISSING_TOKEN");
    assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
  }
}
