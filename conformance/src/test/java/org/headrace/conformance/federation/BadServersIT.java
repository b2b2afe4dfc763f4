package org.headrace.conformance.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.headrace.conformance.client.Reply;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.KeyDocument;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.federation.fixture.NeighbourServer.Asked;
import org.headrace.federation.fixture.RemoteServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that lies, about events, their history, their state and itself. Whatever it says, it
 * gets an error of the specification or silence; the room goes on, and others notice nothing. What
 * is tested elsewhere of the same is listed in {@code docs/bad-servers.md}.
 */
class BadServersIT {
  private static final RoomVersion V11 = version("11");

  /** The last version whose events name themselves, so that there can be cycles. */
  private static final RoomVersion V2 = version("2");

  private static Attacked attacked;
  private NeighbourServer bad;
  private UserId mallory;

  @BeforeAll
  static void start() {
    attacked = new Attacked();
  }

  @AfterAll
  static void stop() {
    attacked.close();
  }

  @BeforeEach
  void open() {
    bad = attacked.neighbour(66);
    mallory = bad.user("mallory");
  }

  @AfterEach
  void nobodyNoticed() {
    bad.close();
    attacked.assertHonestRoomServes();
    attacked.assertNoErrorsLogged();
  }

  private static RoomVersion version(String id) {
    return RoomVersion.find(id).orElseThrow();
  }

  /** Alice joins a room that the bad server made, while it is honest. */
  private RoomId joined(RoomVersion version) {
    bad.hold(RoomBuilder.publicRoom(version, mallory));
    attacked.join(bad).ok();
    return bad.roomId();
  }

  private Pdu message(String text) {
    return bad.make(room -> room.message(mallory, text));
  }

  private ObjectNode send(String id, ObjectNode... pdus) {
    return attacked.transaction(200, bad.self(), id, Attacked.of(bad.self(), List.of(pdus)));
  }

  /** After whatever happened, what the bad server honestly says is taken again. */
  private void assertRoomGoesOn(RoomId room) {
    bad.honest();
    Pdu honest = message("no harm meant");
    send("honest", bad.signed(honest));
    attacked.awaitSeen(room.value(), honest.id().value());
    attacked.alice.say(room.value(), "fine");
  }

  @Test
  void eventsWithWrongSignaturesAreNamedAndDropped() {
    RoomId room = joined(V11);
    Pdu forged = message("signed by another key");
    Neighbour liar = Neighbour.of(bad.name().value(), 67);
    ObjectNode wrong = EventSignatures.sign(forged.json(), V11, bad.name(), liar.key());
    Pdu unsigned = bad.make(it -> it.at(forged.prevEvents().getFirst()).message(mallory, "bare"));
    Pdu altered = bad.make(it -> it.at(forged.prevEvents().getFirst()).message(mallory, "mine"));
    ObjectNode tampered = bad.signed(altered).deepCopy();
    tampered.put("origin_server_ts", 1);
    Pdu good =
        bad.make(it -> it.at(forged.prevEvents().getFirst()).message(mallory, "properly signed"));
    JsonNode results =
        send("signatures", wrong, unsigned.json(), tampered, bad.signed(good)).path("pdus");
    assertThat(results.path(forged.id().value()).has("error")).isTrue();
    assertThat(results.path(unsigned.id().value()).has("error")).isTrue();
    assertThat(results.path(EventHashes.eventId(tampered, V11).value()).has("error")).isTrue();
    assertThat(results.path(good.id().value()).isEmpty()).isTrue();
    attacked.awaitSeen(room.value(), good.id().value());
    assertThat(attacked.isShown(room.value(), forged.id().value())).isFalse();
    assertThat(attacked.isShown(room.value(), unsigned.id().value())).isFalse();
  }

  @Test
  void aKeyWhoseTimeIsOverSignsNoRequest() {
    long yesterday = System.currentTimeMillis() - 86_400_000L;
    bad.answer(
        "server",
        asked ->
            NeighbourServer.ok(
                new KeyDocument(bad.name().value(), yesterday).with(bad.self().key()).signed()));
    JsonNode refused =
        attacked.transaction(401, bad.self(), "old", Attacked.of(bad.self(), List.of()));
    assertThat(refused.path("errcode").asText()).isEqualTo("M_UNAUTHORIZED");
  }

  @Test
  void aKeyDocumentOfAnotherServerIsNone() {
    try (NeighbourServer victim = attacked.neighbour(68)) {
      Neighbour pretender = new Neighbour(bad.name(), victim.self().key());
      bad.answer(
          "server",
          asked ->
              NeighbourServer.ok(
                  new KeyDocument(victim.name().value(), Long.MAX_VALUE / 2)
                      .with(victim.self().key())
                      .signed()));
      attacked.transaction(401, pretender, "replayed", Attacked.of(pretender, List.of()));
    }
  }

  @Test
  void aTransactionThatIsReplayedDoesNothingTwice() {
    RoomId room = joined(V11);
    Pdu once = message("once");
    ObjectNode first = send("again", bad.signed(once));
    assertThat(send("again", bad.signed(once))).isEqualTo(first);
    send("another-id", bad.signed(once));
    assertRoomGoesOn(room);
    JsonNode chunk = attacked.alice.messages(room.value(), "dir=b&limit=100").ok().path("chunk");
    assertThat(org.headrace.conformance.client.Json.each(chunk, "event_id"))
        .containsOnlyOnce(once.id().value());
  }

  @Test
  void aHistoryOfManyForksIsJoinedUp() {
    RoomId room = joined(V11);
    EventId base = bad.make(it -> it.extremities().getFirst());
    List<ObjectNode> forks = new ArrayList<>();
    for (int fork = 0; fork < 50; fork++) {
      ObjectNode topic = Json.object().put("topic", "fork " + fork);
      forks.add(bad.signed(bad.make(it -> it.at(base).state(mallory, "m.room.topic", "", topic))));
    }
    JsonNode results = send("forks", forks.toArray(ObjectNode[]::new)).path("pdus");
    assertThat(results).allMatch(JsonNode::isEmpty);
    // An event joins 20 at most.
    while (bad.make(RoomBuilder::extremities).size() > 20) {
      send("merge" + bad.make(RoomBuilder::extremities).size(), bad.signed(merged()));
    }
    assertRoomGoesOn(room);
  }

  private Pdu merged() {
    return bad.make(
        room ->
            room.at(room.extremities().subList(0, 20).toArray(EventId[]::new))
                .message(mallory, "joins them up"));
  }

  @Test
  void aCycleOfHistoryEndsSomewhere() {
    RoomId room = joined(V2);
    ObjectNode here = given(room, "$cycle-a:" + bad.name(), "$cycle-b:" + bad.name());
    ObjectNode there = given(room, "$cycle-b:" + bad.name(), "$cycle-a:" + bad.name());
    bad.answer("get_missing_events", asked -> events("events", List.of(here, there)));
    bad.answer(
        "event",
        asked -> events("pdus", List.of(asked.segment(5).startsWith("$cycle-a") ? here : there)));
    send("cycle", here, there);
    assertRoomGoesOn(room);
  }

  /** An event that names itself and its predecessor; all else is as in the room. */
  private ObjectNode given(RoomId room, String id, String prev) {
    ObjectNode event = message("pattern of " + id).json().deepCopy();
    event.remove(List.of("signatures", "hashes"));
    event.put("event_id", id).put("room_id", room.value());
    ArrayNode reference = event.putArray("prev_events").addArray();
    reference.add(prev).addObject().put("sha256", "A".repeat(43));
    return EventSignatures.hashAndSign(event, V2, bad.name(), bad.self().key());
  }

  @Test
  void aHistoryWithoutEndIsNotFetchedWithoutEnd() {
    RoomId room = joined(V11);
    AtomicInteger made = new AtomicInteger();
    bad.answer("event", asked -> new NeighbourServer.Reply(404, notFound()));
    bad.answer(
        "get_missing_events",
        asked -> {
          List<ObjectNode> older = new ArrayList<>();
          asked.body().path("latest_events").forEach(id -> older.add(orphan(made)));
          return events("events", older);
        });
    bad.answer("state_ids", asked -> ids(List.of(), List.of("$" + "s".repeat(43))));
    ObjectNode newest = orphan(made);
    send("endless", newest);
    assertRoomGoesOn(room);
    assertThat(attacked.isShown(room.value(), EventHashes.eventId(newest, V11).value())).isFalse();
  }

  /** An event whose predecessor nobody has. */
  private ObjectNode orphan(AtomicInteger made) {
    ObjectNode event = bad.make(RoomBuilder::events).getLast().json().deepCopy();
    event.remove(List.of("signatures", "hashes", "state_key", "content", "type"));
    event.put("type", "m.room.message").put("sender", mallory.value());
    event.putObject("content").put("msgtype", "m.text").put("body", "n" + made.incrementAndGet());
    event.putArray("prev_events").add("$" + String.format("%043d", made.get()));
    ArrayNode auth = event.putArray("auth_events");
    bad.make(RoomBuilder::currentState)
        .forEach(
            (key, id) -> {
              if (Set.of("m.room.create", "m.room.power_levels").contains(key.type())
                  || key.stateKey().equals(mallory.value())) {
                auth.add(id.value());
              }
            });
    return EventSignatures.hashAndSign(event, V11, bad.name(), bad.self().key());
  }

  @Test
  void authEventsThatNameEverMoreAreNotFollowedForEver() {
    RoomId room = joined(V11);
    AtomicInteger made = new AtomicInteger();
    List<ObjectNode> chain = new ArrayList<>();
    // Each names the one before as its authority; the first of them names nothing that there is.
    String authority = "$" + "z".repeat(43);
    for (int n = 0; n < 200; n++) {
      ObjectNode event = orphan(made);
      event.remove(List.of("signatures", "hashes"));
      event.putArray("auth_events").add(authority);
      ObjectNode signed = EventSignatures.hashAndSign(event, V11, bad.name(), bad.self().key());
      chain.add(signed);
      authority = EventHashes.eventId(signed, V11).value();
    }
    bad.answer(
        "event",
        asked ->
            chain.stream()
                .filter(event -> EventHashes.eventId(event, V11).value().equals(asked.segment(5)))
                .findFirst()
                .map(event -> events("pdus", List.of(event)))
                .orElse(new NeighbourServer.Reply(404, notFound())));
    bad.answer("event_auth", asked -> events("auth_chain", chain.reversed()));
    bad.answer("get_missing_events", asked -> events("events", List.of()));
    bad.answer("state_ids", asked -> new NeighbourServer.Reply(404, notFound()));
    send("authorities", chain.getLast());
    assertRoomGoesOn(room);
    assertThat(attacked.isShown(room.value(), authority)).isFalse();
  }

  @Test
  void statesThatNameEachOtherEndSomewhere() {
    RoomId room = joined(V11);
    AtomicInteger made = new AtomicInteger();
    ObjectNode first = orphan(made);
    ObjectNode second = orphan(made);
    String firstId = EventHashes.eventId(first, V11).value();
    String secondId = EventHashes.eventId(second, V11).value();
    bad.answer(
        "event",
        asked ->
            switch (asked.segment(5)) {
              case String id when id.equals(firstId) -> events("pdus", List.of(first));
              case String id when id.equals(secondId) -> events("pdus", List.of(second));
              default -> new NeighbourServer.Reply(404, notFound());
            });
    bad.answer("get_missing_events", asked -> events("events", List.of()));
    // The state before each is said to hold the other, and itself.
    bad.answer("state_ids", asked -> ids(List.of(firstId, secondId), List.of(secondId, firstId)));
    bad.answer("state", asked -> states(List.of(first, second), List.of(second, first)));
    send("states", first, second);
    assertRoomGoesOn(room);
  }

  @Test
  void eventsOfOtherRoomsAreNotTaken() {
    RoomId room = joined(V11);
    // Of a room that this server is in and the bad one is not.
    ObjectNode intruding = message("let me in").json().deepCopy();
    intruding.remove(List.of("signatures", "hashes"));
    intruding.put("room_id", attacked.room);
    ObjectNode signed = EventSignatures.hashAndSign(intruding, V11, bad.name(), bad.self().key());
    // As history of its own room: events of yet another one.
    RoomBuilder elsewhere = RoomBuilder.publicRoom(V11, UserId.of("other", bad.name()));
    Pdu foreign = elsewhere.message(UserId.of("other", bad.name()), "elsewhere");
    bad.answer("get_missing_events", asked -> events("events", List.of(own(foreign))));
    bad.answer("event", asked -> events("pdus", List.of(own(foreign))));
    bad.answer(
        "state_ids", asked -> ids(List.of(foreign.id().value()), List.of(foreign.id().value())));
    send("rooms", signed, own(foreign), orphan(new AtomicInteger(1_000)));
    assertRoomGoesOn(room);
    assertThat(attacked.isShown(attacked.room, EventHashes.eventId(signed, V11).value())).isFalse();
    assertThat(attacked.isShown(room.value(), foreign.id().value())).isFalse();
  }

  private ObjectNode own(Pdu event) {
    return EventSignatures.sign(event.json(), V11, bad.name(), bad.self().key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nothing", "no auth chain", "forged", "no create", "other room", "other version"})
  void aJoinWithAStateThatIsNoneFails(String lie) {
    bad.hold(RoomBuilder.publicRoom(V11, mallory));
    bad.answer("send_join", asked -> lying(lie, asked));
    Reply refused = attacked.join(bad);
    assertThat(refused.status()).as(refused.toString()).isIn(403, 502);
    assertThat(org.headrace.conformance.client.Json.parse(refused.text()).path("errcode").asText())
        .startsWith("M_");
    // The room can be joined when its server is honest.
    bad.hold(RoomBuilder.publicRoom(V11, mallory));
    bad.honest();
    attacked.join(bad).ok();
    assertRoomGoesOn(bad.roomId());
  }

  private NeighbourServer.Reply lying(String lie, Asked asked) {
    ObjectNode answer = (ObjectNode) bad.usual("send_join", asked).json();
    ArrayNode state = (ArrayNode) answer.path("state");
    switch (lie) {
      case "nothing" -> {
        return NeighbourServer.ok(Json.object());
      }
      case "no auth chain" -> {
        answer.putArray("auth_chain");
        remove(state, "m.room.power_levels", "m.room.join_rules");
      }
      case "forged" -> {
        Neighbour liar = Neighbour.of(bad.name().value(), 69);
        for (JsonNode list : List.of(state, answer.path("auth_chain"))) {
          list.forEach(
              event ->
                  ((ObjectNode) event)
                      .set(
                          "signatures",
                          EventSignatures.sign(
                                  ((ObjectNode) event).deepCopy().without("signatures"),
                                  V11,
                                  bad.name(),
                                  liar.key())
                              .path("signatures")));
        }
      }
      case "no create" -> {
        remove(state, "m.room.create");
        remove((ArrayNode) answer.path("auth_chain"), "m.room.create");
      }
      case "other room" -> {
        RoomBuilder other = RoomBuilder.publicRoom(V11, UserId.of("other", bad.name()));
        state.removeAll();
        other.currentState().values().forEach(id -> state.add(own(other.event(id))));
        answer.set("auth_chain", state.deepCopy());
      }
      case "other version" -> {
        RoomBuilder other = RoomBuilder.publicRoom(version("9"), mallory);
        state.removeAll();
        other.currentState().values().forEach(id -> state.add(own(other.event(id))));
        answer.set("auth_chain", state.deepCopy());
      }
      default -> throw new IllegalArgumentException(lie);
    }
    return NeighbourServer.ok(answer);
  }

  private static void remove(ArrayNode events, String... types) {
    for (int i = events.size() - 1; i >= 0; i--) {
      if (Set.of(types).contains(events.path(i).path("type").asText())) {
        events.remove(i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"make_join", "send_join", "get_missing_events"})
  void noRedirectIsFollowed(String operation) {
    try (RemoteServer inside =
        new RemoteServer(
            "127.0.0.9",
            attacked.authority.serverFor("127.0.0.9"),
            exchange -> RemoteServer.send(exchange, 200, "{}"))) {
      bad.hold(RoomBuilder.publicRoom(V11, mallory));
      bad.redirect(operation, "https://127.0.0.9:" + inside.port() + "/secret");
      Reply joined = attacked.join(bad);
      if (operation.equals("get_missing_events")) {
        joined.ok();
        send("redirected", orphan(new AtomicInteger(2_000)));
        assertRoomGoesOn(bad.roomId());
      } else {
        joined.fails(502, "M_UNKNOWN");
      }
      assertThat(inside.requests()).isEmpty();
    }
  }

  // Answers.

  private static ObjectNode notFound() {
    return Json.object().put("errcode", "M_NOT_FOUND").put("error", "no");
  }

  private static NeighbourServer.Reply events(String name, List<ObjectNode> events) {
    ObjectNode answer = Json.object();
    ArrayNode array = answer.putArray(name);
    events.forEach(array::add);
    return NeighbourServer.ok(answer);
  }

  private static NeighbourServer.Reply states(List<ObjectNode> state, List<ObjectNode> chain) {
    ObjectNode answer = Json.object();
    ArrayNode pdus = answer.putArray("pdus");
    state.forEach(pdus::add);
    ArrayNode auth = answer.putArray("auth_chain");
    chain.forEach(auth::add);
    return NeighbourServer.ok(answer);
  }

  private static NeighbourServer.Reply ids(List<String> state, List<String> chain) {
    ObjectNode answer = Json.object();
    ArrayNode pdus = answer.putArray("pdu_ids");
    state.forEach(pdus::add);
    ArrayNode auth = answer.putArray("auth_chain_ids");
    chain.forEach(auth::add);
    return NeighbourServer.ok(answer);
  }
}
