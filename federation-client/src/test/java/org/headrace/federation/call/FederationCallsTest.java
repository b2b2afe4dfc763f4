package org.headrace.federation.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.Link;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FederationCallsTest {
  private static final RoomId ROOM = new RoomId("!r:a.example");
  private static final UserId USER = new UserId("@u:here.example");
  private static final EventId EVENT = new EventId("$e/1+2");
  private static final String F1 = "/_matrix/federation/v1/";
  private static final String F2 = "/_matrix/federation/v2/";

  @TempDir Path folder;
  private World world;
  private RemoteServer server;
  private Link link;
  private FederationCalls calls;

  /** Answers by path and query; others are unknown. */
  private final Map<String, RemoteServer.Handler> answers = new ConcurrentHashMap<>();

  @BeforeEach
  void open() {
    world = new World(folder);
    server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange ->
                answers
                    .getOrDefault(
                        exchange.getRequestURI().toString(),
                        unknown ->
                            RemoteServer.send(unknown, 404, "{\"errcode\":\"M_UNRECOGNIZED\"}"))
                    .handle(exchange));
    link = World.to("127.0.0.1:" + server.port());
    calls = world.federation().calls();
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    world.close();
  }

  @Test
  void sendsATransactionAndTellsWhichEventsFailed() throws Exception {
    answer(F1 + "send/t%2F1", "{\"pdus\": {\"$a\": {}, \"$b\": {\"error\": \"no\"}, \"c\": 5}}");
    ObjectNode transaction = Json.object().put("origin", "here.example");
    assertThat(calls.transactions().send(link, "t/1", transaction))
        .isEqualTo(Map.of(new EventId("$b"), "no"));
    assertThat(last().method()).isEqualTo("PUT");
    assertThat(json(last().body())).isEqualTo(transaction);
  }

  @Test
  void asksForTemplates() throws Exception {
    String room = "%21r%3Aa.example";
    String user = "%40u%3Ahere.example";
    answer(F1 + "make_join/" + room + "/" + user + "?ver=10&ver=11", template("join"));
    answer(F1 + "make_knock/" + room + "/" + user + "?ver=11", template("knock"));
    answer(F1 + "make_leave/" + room + "/" + user, template("leave"));
    List<RoomVersion> both = List.of(RoomVersion.V10, RoomVersion.V11);
    Template join = calls.joins().make(link, ROOM, USER, both);
    assertThat(join.version()).isEqualTo(RoomVersion.V11);
    assertThat(join.event().at("/content/membership").asText()).isEqualTo("join");
    List<RoomVersion> one = List.of(RoomVersion.V11);
    assertThat(calls.knocks().make(link, ROOM, USER, one).event()).isNotEmpty();
    assertThat(calls.leaves().make(link, ROOM, USER).event()).isNotEmpty();
  }

  @Test
  void refusesATemplateForSomethingElse() {
    String path = F1 + "make_leave/%21r%3Aa.example/%40u%3Ahere.example";
    String good = template("leave");
    for (String bad :
        List.of(
            good.replace("leave", "join"),
            good.replace("@u:here.example", "@admin:here.example"),
            good.replace("m.room.member", "m.room.power_levels"),
            good.replace("\"11\"", "\"unheard-of\""),
            "{}")) {
      answer(path, bad);
      assertThat(failure(() -> calls.leaves().make(link, ROOM, USER)).reason())
          .isEqualTo(Reason.BAD_RESPONSE);
    }
  }

  @Test
  void handsOnTheStateOfAJoinedRoomEventByEvent() throws Exception {
    answer(
        F2 + "send_join/%21r%3Aa.example/%24e%2F1%2B2?omit_members=true",
        "{\"unknown\": {\"deep\": [1, [2, {\"x\": null}], []]}, \"origin\": \"a.example\","
            + "\"auth_chain\": [{\"n\": 1}, {\"n\": 2}], \"members_omitted\": true,"
            + "\"state\": [{\"n\": 3}], \"event\": {\"n\": 4},"
            + "\"servers_in_room\": [\"a.example\", \"b.example\"]}");
    Seen seen = new Seen();
    Joins.Answer answer =
        calls.joins().send(link, ROOM, EVENT, Json.object().put("x", 1), true, seen);
    assertThat(seen.auth).extracting(event -> event.path("n").asInt()).containsExactly(1, 2);
    assertThat(seen.state).extracting(event -> event.path("n").asInt()).containsExactly(3);
    assertThat(answer)
        .isEqualTo(
            new Joins.Answer(
                Optional.of(Json.object().put("n", 4)),
                true,
                List.of(new ServerName("a.example"), new ServerName("b.example"))));
  }

  /** 50,000 members: some 60 MB, of which one event at a time is in memory. */
  @Test
  void takesTheStateOfALargeRoom() throws Exception {
    String event = "{\"type\": \"m.room.member\", \"pad\": \"" + "x".repeat(1_150) + "\"}";
    answers.put(
        F1 + "state/%21r%3Aa.example?event_id=%24e%2F1%2B2",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes("{\"pdus\": ["));
            for (int i = 0; i < 50_000; i++) {
              out.write(bytes((i == 0 ? "" : ",") + event));
            }
            out.write(bytes("], \"auth_chain\": []}"));
          }
        });
    int[] count = new int[1];
    calls
        .events()
        .state(
            link,
            ROOM,
            EVENT,
            new RoomStateSink() {
              @Override
              public void authEvent(ObjectNode pdu) {
                throw new AssertionError();
              }

              @Override
              public void stateEvent(ObjectNode pdu) {
                count[0]++;
              }
            });
    assertThat(count[0]).isEqualTo(50_000);
  }

  @Test
  void refusesStateThatIsNoneOrHasGiantEvents() {
    String path = F1 + "state/%21r%3Aa.example?event_id=%24e%2F1%2B2";
    String giant = "1,".repeat(500_000);
    for (String bad :
        List.of(
            "[]",
            "{\"pdus\": {}}",
            "{\"pdus\": [1]}",
            "{\"pdus\": [{}, {}",
            "{\"pdus\": [{\"a\": 1, \"a\": 2}]}",
            "{\"pdus\": [], \"pdus\": []}",
            "{\"pdus\": []} {}",
            "{\"pdus\": [{\"a\": [" + giant + "1]}]}",
            "{\"pdus\": [" + "[".repeat(200),
            "{\"pdus\"",
            "")) {
      answer(path, bad);
      assertThat(failure(() -> calls.events().state(link, ROOM, EVENT, new Seen())).reason())
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isEqualTo(Reason.BAD_RESPONSE);
    }
  }

  @Test
  void refusesStateThatIsNotUtf8() {
    answers.put(
        F1 + "state/%21r%3Aa.example?event_id=%24e%2F1%2B2",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("{\"é\": 1}".getBytes(StandardCharsets.ISO_8859_1));
        });
    assertThat(failure(() -> calls.events().state(link, ROOM, EVENT, new Seen())).reason())
        .isEqualTo(Reason.BAD_RESPONSE);
  }

  @Test
  void whatNobodyAskedForMayBeOfAnySize() throws Exception {
    answer(
        F1 + "state/%21r%3Aa.example?event_id=%24e%2F1%2B2",
        "{\"new\": [" + "{\"a\": [1, 2]},".repeat(100_000) + "1], \"pdus\": [{\"n\": 1}]}");
    Seen seen = new Seen();
    calls.events().state(link, ROOM, EVENT, seen);
    assertThat(seen.state).hasSize(1);
  }

  @Test
  void anExceptionOfTheSinkEndsTheCall() {
    answer(F1 + "event_auth/%21r%3Aa.example/%24e%2F1%2B2", "{\"auth_chain\": [{}, {}]}");
    Throwable thrown =
        catchThrowable(
            () ->
                calls
                    .events()
                    .eventAuth(
                        link,
                        ROOM,
                        EVENT,
                        event -> {
                          throw new IllegalStateException("full");
                        }));
    assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessage("full");
  }

  @Test
  void readsTheIdsOfAState() throws Exception {
    String path = F1 + "state_ids/%21r%3Aa.example?event_id=%24e%2F1%2B2";
    answer(path, "{\"pdu_ids\": [\"$a\", \"$b\"], \"auth_chain_ids\": [\"$c\"]}");
    RoomEvents.StateIds ids = calls.events().stateIds(link, ROOM, EVENT);
    assertThat(ids.state()).containsExactly(new EventId("$a"), new EventId("$b"));
    assertThat(ids.authChain()).containsExactly(new EventId("$c"));
    answer(path, "{\"pdu_ids\": [\"$a\", \"b\"]}");
    assertThat(failure(() -> calls.events().stateIds(link, ROOM, EVENT)).reason())
        .isEqualTo(Reason.BAD_RESPONSE);
  }

  @Test
  void fetchesOneEvent() throws Exception {
    answer(F1 + "event/%24e%2F1%2B2", "{\"pdus\": [{\"n\": 1}]}");
    assertThat(calls.events().event(link, EVENT)).isEqualTo(Json.object().put("n", 1));
    answer(F1 + "event/%24e%2F1%2B2", "{\"pdus\": [{}, {}]}");
    assertThat(failure(() -> calls.events().event(link, EVENT)).reason())
        .isEqualTo(Reason.BAD_RESPONSE);
  }

  @Test
  void readsHistory() throws Exception {
    answer(F1 + "backfill/%21r%3Aa.example?limit=5&v=%24a&v=%24b", "{\"pdus\": [{\"n\": 1}]}");
    assertThat(
            calls.history().backfill(link, ROOM, List.of(new EventId("$a"), new EventId("$b")), 5))
        .hasSize(1);
    answer(F1 + "get_missing_events/%21r%3Aa.example", "{\"events\": [{}, {}]}");
    var between = new History.Between(List.of(EVENT), List.of(new EventId("$b")), 7);
    assertThat(calls.history().missing(link, ROOM, between, 20)).hasSize(2);
    assertThat(json(last().body()))
        .isEqualTo(
            json(
                "{\"limit\": 20, \"min_depth\": 7, \"earliest_events\": [\"$e/1+2\"],"
                    + " \"latest_events\": [\"$b\"]}"));
    answer(
        F1 + "timestamp_to_event/%21r%3Aa.example?ts=55&dir=b",
        "{\"event_id\": \"$x\", \"origin_server_ts\": 54}");
    assertThat(calls.history().at(link, ROOM, 55, false))
        .isEqualTo(new History.Found(new EventId("$x"), 54));
  }

  @Test
  void invitesByTheSecondVersion() throws Exception {
    answer(F2 + "invite/%21r%3Aa.example/%24e%2F1%2B2", "{\"event\": {\"n\": 1}}");
    assertThat(invite(RoomVersion.V11)).isEqualTo(Json.object().put("n", 1));
    assertThat(json(last().body()))
        .isEqualTo(
            json(
                "{\"room_version\": \"11\", \"event\": {\"x\": 1},"
                    + " \"invite_room_state\": [{\"s\": 1}]}"));
  }

  @Test
  void invitesByTheFirstVersionWhereTheSecondIsUnknown() throws Exception {
    answer(F1 + "invite/%21r%3Aa.example/%24e%2F1%2B2", "[200, {\"event\": {\"n\": 1}}]");
    assertThat(invite(RoomVersion.V2)).isEqualTo(Json.object().put("n", 1));
    assertThat(json(last().body()))
        .isEqualTo(json("{\"x\": 1, \"unsigned\": {\"invite_room_state\": [{\"s\": 1}]}}"));
    // Later rooms cannot be spoken of in the first version.
    assertThat(failure(() -> invite(RoomVersion.V3)).refusal().orElseThrow().status())
        .isEqualTo(404);
  }

  @Test
  void aRefusedInviteIsNotTriedInTheFirstVersion() {
    answers.put(
        F2 + "invite/%21r%3Aa.example/%24e%2F1%2B2",
        exchange -> RemoteServer.send(exchange, 403, "{\"errcode\": \"M_FORBIDDEN\"}"));
    assertThat(failure(() -> invite(RoomVersion.V1)).refusal().orElseThrow().errcode())
        .isEqualTo("M_FORBIDDEN");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void sendsTheOtherMemberships() throws Exception {
    ObjectNode event = Json.object().put("x", 1);
    answer(F1 + "send_knock/%21r%3Aa.example/%24e%2F1%2B2", "{\"knock_room_state\": [{\"s\": 1}]}");
    assertThat(calls.knocks().send(link, ROOM, EVENT, event)).hasSize(1);
    answer(F2 + "send_leave/%21r%3Aa.example/%24e%2F1%2B2", "{}");
    calls.leaves().send(link, ROOM, EVENT, event);
    answer(F1 + "exchange_third_party_invite/%21r%3Aa.example", "{}");
    calls.invites().exchangeThirdParty(link, ROOM, event);
    assertThat(json(last().body())).isEqualTo(event);
  }

  @Test
  void asksTheDirectory() throws Exception {
    answer(
        F1 + "query/directory?room_alias=%23a%3Aa.example",
        "{\"room_id\": \"!r:a.example\", \"servers\": [\"a.example\", \"not a name\"]}");
    assertThat(calls.directory().alias(link, new RoomAlias("#a:a.example")))
        .isEqualTo(new Directory.Aliased(ROOM, List.of(new ServerName("a.example"))));
    answer(F1 + "query/profile?user_id=%40u%3Aa.example", "{\"displayname\": \"U\"}");
    UserId user = new UserId("@u:a.example");
    assertThat(calls.directory().profile(link, user, Optional.empty())).hasSize(1);
    answer(F1 + "query/profile?user_id=%40u%3Aa.example&field=m.tz", "{}");
    assertThat(calls.directory().profile(link, user, Optional.of("m.tz"))).isEmpty();
    answer(F1 + "publicRooms", "{\"chunk\": []}");
    assertThat(calls.directory().publicRooms(link, Json.object())).hasSize(1);
    answer(F1 + "hierarchy/%21r%3Aa.example?suggested_only=true", "{\"room\": {}}");
    assertThat(calls.directory().hierarchy(link, ROOM, true)).hasSize(1);
  }

  @Test
  void asksForDevicesAndKeys() throws Exception {
    answer(F1 + "user/devices/%40u%3Aa.example", "{\"devices\": []}");
    assertThat(calls.devices().ofUser(link, new UserId("@u:a.example"))).hasSize(1);
    answer(F1 + "user/keys/query", "{\"device_keys\": {}}");
    calls.devices().query(link, Json.object());
    assertThat(json(last().body())).isEqualTo(json("{\"device_keys\": {}}"));
    answer(F1 + "user/keys/claim", "{\"one_time_keys\": {}}");
    calls.devices().claim(link, Json.object());
    assertThat(json(last().body())).isEqualTo(json("{\"one_time_keys\": {}}"));
    answer("/_matrix/policy/v1/sign", "{\"a.example\": {}}");
    assertThat(calls.policyServers().sign(link, Json.object())).hasSize(1);
  }

  @Test
  void asksAServerWithoutSignature() throws Exception {
    ServerName name = link.destination();
    answer(F1 + "version", "{\"server\": {\"name\": \"x\"}}");
    assertThat(calls.servers().version(name)).hasSize(1);
    assertThat(last().authorization()).isEmpty();
    answer(F1 + "openid/userinfo?access_token=t%26t", "{\"sub\": \"@u:" + name + "\"}");
    assertThat(calls.servers().openIdUser(name, "t&t")).isEqualTo(new UserId("@u:" + name));
    answer(F1 + "openid/userinfo?access_token=t%26t", "{\"sub\": \"@u:b.example\"}");
    assertThat(failure(() -> calls.servers().openIdUser(name, "t&t")).reason())
        .isEqualTo(Reason.BAD_RESPONSE);
  }

  private static final class Seen implements RoomStateSink {
    private final List<ObjectNode> auth = new ArrayList<>();
    private final List<ObjectNode> state = new ArrayList<>();

    @Override
    public void authEvent(ObjectNode pdu) {
      auth.add(pdu);
    }

    @Override
    public void stateEvent(ObjectNode pdu) {
      state.add(pdu);
    }
  }

  private ObjectNode invite(RoomVersion version) throws FederationException {
    return calls
        .invites()
        .send(
            link,
            ROOM,
            version,
            EVENT,
            Json.object().put("x", 1),
            List.of(Json.object().put("s", 1)));
  }

  private void answer(String uri, String json) {
    answers.put(uri, exchange -> RemoteServer.send(exchange, 200, json));
  }

  private RemoteServer.Request last() {
    return server.requests().get(server.requests().size() - 1);
  }

  private static FederationException failure(ThrowingCallable call) {
    return catchThrowableOfType(FederationException.class, call);
  }

  private static String template(String membership) {
    return "{\"room_version\": \"11\", \"event\": {\"type\": \"m.room.member\","
        + "\"sender\": \"@u:here.example\", \"state_key\": \"@u:here.example\","
        + "\"content\": {\"membership\": \""
        + membership
        + "\"}}}";
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
