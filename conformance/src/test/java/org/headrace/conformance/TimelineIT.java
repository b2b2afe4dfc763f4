package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.encode;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Reading a room: /messages, /sync, filters, lazy-loaded members, typing, receipts. */
@ExtendWith(SharedServer.class)
class TimelineIT {
  private Client alice;
  private Client bob;
  private String room;
  private SharedServer.Server server;

  @BeforeEach
  void makeRoom(SharedServer.Server shared) {
    server = shared;
    alice = Client.register(shared.baseUrl(), "alice");
    bob = Client.register(shared.baseUrl(), "bob");
    room = alice.createRoom("preset", "public_chat");
    bob.join(room);
  }

  private List<String> say(Client client, int from, int to) {
    List<String> ids = new ArrayList<>();
    for (int n = from; n < to; n++) {
      ids.add(client.say(room, "m" + n));
    }
    return ids;
  }

  private List<String> page(
      Client client, String dir, String from, int limit, List<JsonNode> into) {
    List<String> ids = new ArrayList<>();
    String token = from;
    for (int pages = 0; pages < 100; pages++) {
      JsonNode page =
          client
              .messages(
                  room,
                  "dir="
                      + dir
                      + "&limit="
                      + limit
                      + (token.isEmpty() ? "" : "&from=" + encode(token)))
              .ok();
      assertThat(page.path("chunk").size()).isLessThanOrEqualTo(limit);
      page.path("chunk").forEach(into::add);
      ids.addAll(Json.each(page.path("chunk"), "event_id"));
      if (!page.has("end") || page.path("chunk").isEmpty()) {
        return ids;
      }
      token = page.path("end").asText();
    }
    throw new AssertionError("/messages never ends");
  }

  private JsonNode timeline(JsonNode sync) {
    return sync.at("/rooms/join").path(room).at("/timeline");
  }

  @Test
  void bothDirectionsGiveTheSameEvents() {
    List<String> said = say(alice, 0, 23);
    List<JsonNode> events = new ArrayList<>();
    List<String> backwards = page(bob, "b", "", 7, events);
    List<String> forwards = page(bob, "f", "", 5, new ArrayList<>());
    assertThat(backwards).doesNotHaveDuplicates();
    assertThat(backwards.reversed()).isEqualTo(forwards);
    assertThat(forwards.subList(forwards.size() - 23, forwards.size())).isEqualTo(said);
    assertThat(events.getLast().path("type").asText()).isEqualTo("m.room.create");
  }

  @Test
  void syncTokensAreTokensOfMessagesToo() {
    say(alice, 0, 5);
    bob.sync();
    String between = bob.since();
    List<String> after = say(alice, 5, 9);
    assertThat(page(bob, "f", between, 3, new ArrayList<>())).isEqualTo(after);
    JsonNode before =
        bob.messages(room, "dir=b&limit=2&from=" + encode(between)).ok().path("chunk");
    assertThat(Json.each(before, "type")).containsOnly("m.room.message");
    assertThat(before.get(0).at("/content/body").asText()).isEqualTo("m4");
    bob.sync();
    JsonNode bounded =
        bob.messages(room, "dir=b&limit=50&from=" + encode(bob.since()) + "&to=" + encode(between))
            .ok()
            .path("chunk");
    assertThat(Json.each(bounded, "event_id").reversed()).isEqualTo(after);
  }

  @Test
  void prevBatchFillsTheGapOfALimitedTimeline() {
    bob.sync();
    List<String> said = say(alice, 0, 30);
    alice.state(room, "m.room.name", "", Json.object("name", "in the tail")).ok();
    String filter = encode("{\"room\": {\"timeline\": {\"limit\": 10}}}");
    JsonNode timeline = timeline(bob.sync("timeout=0&filter=" + filter));
    assertThat(timeline.path("limited").asBoolean()).isTrue();
    assertThat(timeline.path("events")).hasSize(10);
    List<String> older = new ArrayList<>();
    page(bob, "b", timeline.path("prev_batch").asText(), 10, new ArrayList<>())
        .forEach(older::addFirst);
    List<String> all = new ArrayList<>(older);
    all.addAll(Json.each(timeline.path("events"), "event_id"));
    assertThat(all).containsSubsequence(said).doesNotHaveDuplicates();
  }

  @Test
  void stateThatChangedInTheGapIsInState() {
    bob.sync();
    alice.state(room, "m.room.topic", "", Json.object("topic", "in the gap")).ok();
    say(alice, 0, 5);
    String filter = encode("{\"room\": {\"timeline\": {\"limit\": 3}}}");
    JsonNode sync = bob.sync("timeout=0&filter=" + filter);
    JsonNode joined = sync.at("/rooms/join").path(room);
    assertThat(joined.at("/timeline/limited").asBoolean()).isTrue();
    assertThat(Json.each(joined.at("/timeline/events"), "type")).containsOnly("m.room.message");
    List<JsonNode> topics = Json.where(joined.at("/state/events"), "type", "m.room.topic");
    assertThat(topics).hasSize(1);
    assertThat(topics.getFirst().at("/content/topic").asText()).isEqualTo("in the gap");
    assertThat(Json.where(joined.at("/state/events"), "type", "m.room.create")).isEmpty();
  }

  @Test
  void messagesTakesFiltersAndLimits() {
    say(alice, 0, 3);
    alice.state(room, "m.room.topic", "", Json.object("topic", "t")).ok();
    bob.say(room, "mine");
    String types = encode("{\"types\": [\"m.room.message\"]}");
    JsonNode chunk = bob.messages(room, "dir=b&limit=20&filter=" + types).ok().path("chunk");
    assertThat(Json.each(chunk, "type")).hasSize(4).containsOnly("m.room.message");
    String senders =
        encode("{\"not_senders\": [\"" + alice.userId() + "\"], \"types\": [\"m.room.message\"]}");
    assertThat(
            Json.each(bob.messages(room, "dir=b&filter=" + senders).ok().path("chunk"), "sender"))
        .containsExactly(bob.userId());
    assertThat(bob.messages(room, "dir=b").ok().path("chunk").size()).isLessThanOrEqualTo(10);
    Client.register(server.baseUrl(), "stranger").messages(room, "dir=b").fails(403, "M_FORBIDDEN");
    assertThat(bob.messages(room, "dir=sideways").status()).isEqualTo(400);
    assertThat(bob.messages(room, "dir=b&from=nonsense").status()).isEqualTo(400);
  }

  @Test
  void historyVisibilityLimitsWhatJoinersSee() {
    alice
        .state(room, "m.room.history_visibility", "", Json.object("history_visibility", "joined"))
        .ok();
    alice.say(room, "before carol");
    Client carol = Client.register(server.baseUrl(), "carol");
    carol.join(room);
    alice.say(room, "with carol");
    List<JsonNode> events = new ArrayList<>();
    page(carol, "b", "", 50, events);
    assertThat(events.toString()).contains("with carol").doesNotContain("before carol");
    assertThat(carol.sync().toString()).contains("with carol").doesNotContain("before carol");
    carol.membership("leave", room).ok();
    alice.say(room, "after carol");
    List<JsonNode> later = new ArrayList<>();
    page(carol, "b", "", 50, later);
    assertThat(later.toString()).contains("with carol").doesNotContain("after carol");
  }

  @Test
  void anInitialSyncHasTheRoomAndAnIncrementalOneWhatIsNew() {
    List<String> said = say(alice, 0, 3);
    JsonNode first = bob.sync().at("/rooms/join").path(room);
    assertThat(Json.each(first.at("/timeline/events"), "event_id"))
        .endsWith(said.toArray(String[]::new));
    List<String> types = new ArrayList<>(Json.each(first.at("/state/events"), "type"));
    types.addAll(Json.each(first.at("/timeline/events"), "type"));
    assertThat(types)
        .contains("m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.member");
    assertThat(bob.sync().at("/rooms/join").has(room)).isFalse();
    String next = alice.say(room, "new");
    JsonNode second = bob.sync().at("/rooms/join").path(room);
    assertThat(Json.each(second.at("/timeline/events"), "event_id")).containsExactly(next);
    assertThat(second.at("/timeline/limited").asBoolean()).isFalse();
    assertThat(second.at("/state/events")).isEmpty();
    JsonNode full = bob.sync("timeout=0&full_state=true").at("/rooms/join").path(room);
    assertThat(Json.each(full.at("/state/events"), "type"))
        .contains("m.room.create", "m.room.join_rules");
  }

  @Test
  void ownWritesAreReadAtOnce() {
    bob.sync();
    for (int n = 0; n < 20; n++) {
      String id = bob.say(room, "own " + n);
      assertThat(Json.each(timeline(bob.sync()).path("events"), "event_id")).containsExactly(id);
    }
  }

  @Test
  void aLongPollWakesAndTimesOut() throws Exception {
    bob.sync();
    CompletableFuture<Reply> poll =
        bob.getAsync(V3 + "/sync?timeout=30000&since=" + encode(bob.since()));
    String id = alice.say(room, "wake up");
    JsonNode woken = poll.get(20, TimeUnit.SECONDS).ok();
    assertThat(Json.each(timeline(woken).path("events"), "event_id")).containsExactly(id);
    JsonNode nothing =
        bob.syncRequest("timeout=200&since=" + encode(woken.path("next_batch").asText())).ok();
    assertThat(nothing.at("/rooms/join").has(room)).isFalse();
  }

  @Test
  void oldTokensAreGoodForOldNews() {
    bob.sync();
    String old = bob.since();
    List<String> said = say(alice, 0, 4);
    bob.sync();
    bob.sync();
    JsonNode again = bob.syncRequest("timeout=0&since=" + encode(old)).ok();
    assertThat(Json.each(timeline(again).path("events"), "event_id")).isEqualTo(said);
    assertThat(bob.syncRequest("timeout=0&since=nonsense").status()).isEqualTo(400);
  }

  @Test
  void filtersChooseRoomsTypesAndLimits() {
    String other = alice.createRoom("preset", "public_chat");
    bob.join(other);
    say(alice, 0, 5);
    String id =
        bob.post(
                path(V3 + "/user/{}/filter", bob.userId()),
                Json.object(
                    "room",
                    Map.of(
                        "rooms", List.of(room),
                        "timeline", Map.of("limit", 2, "types", List.of("m.room.message")),
                        "state", Map.of("types", List.of("m.room.create")))))
            .ok()
            .path("filter_id")
            .asText();
    JsonNode sync = bob.sync("timeout=0&filter=" + encode(id));
    assertThat(sync.at("/rooms/join").has(other)).isFalse();
    assertThat(timeline(sync).path("events")).hasSize(2);
    assertThat(Json.each(sync.at("/rooms/join").path(room).at("/state/events"), "type"))
        .containsOnly("m.room.create");
    Client fresh = bob.login();
    String notRooms = encode("{\"room\": {\"not_rooms\": [\"" + room + "\"]}}");
    JsonNode without = fresh.sync("timeout=0&filter=" + notRooms);
    assertThat(without.at("/rooms/join").has(room)).isFalse();
    assertThat(without.at("/rooms/join").has(other)).isTrue();
    assertThat(bob.syncRequest("timeout=0&filter=" + encode("{\"room\": 1}")).status())
        .isEqualTo(400);
    assertThat(bob.syncRequest("timeout=0&filter=" + encode("{not json")).status()).isEqualTo(400);
  }

  @Test
  void lazyMembersAreThoseOfTheTimeline() {
    List<Client> crowd = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      crowd.add(Client.register(server.baseUrl(), "crowd"));
      crowd.getLast().join(room);
    }
    say(alice, 0, 4);
    crowd.getFirst().say(room, "from the crowd");
    String filter =
        encode(
            "{\"room\": {\"timeline\": {\"limit\": 1}, \"state\": {\"lazy_load_members\": true}}}");
    JsonNode joined = bob.sync("timeout=0&filter=" + filter).at("/rooms/join").path(room);
    List<String> members = new ArrayList<>();
    Json.where(joined.at("/state/events"), "type", "m.room.member")
        .forEach(event -> members.add(event.path("state_key").asText()));
    // Heroes of the summary may come along; not everybody.
    assertThat(members)
        .contains(bob.userId(), crowd.getFirst().userId())
        .hasSizeLessThan(crowd.size());
    assertThat(joined.at("/summary/m.joined_member_count").asInt()).isEqualTo(10);
    assertThat(joined.at("/summary/m.heroes").size()).isBetween(1, 5);
    crowd.getLast().say(room, "me too");
    JsonNode next = bob.sync("timeout=0&filter=" + filter).at("/rooms/join").path(room);
    assertThat(Json.each(next.at("/state/events"), "state_key")).contains(crowd.getLast().userId());
    String lazy = encode("{\"lazy_load_members\": true}");
    JsonNode page = bob.messages(room, "dir=b&limit=1&filter=" + lazy).ok();
    assertThat(Json.each(page.path("state"), "state_key")).contains(crowd.getLast().userId());
  }

  @Test
  void leavingIsSeenOnceAndTheRoomIsGoneAfterwards() {
    bob.sync();
    alice.say(room, "last words");
    alice.membership("kick", room, "user_id", bob.userId(), "reason", "out").ok();
    alice.say(room, "behind his back");
    JsonNode sync = bob.syncUntil("the kick", answer -> answer.at("/rooms/leave").has(room));
    JsonNode left = sync.at("/rooms/leave").path(room).at("/timeline/events");
    assertThat(left.toString()).contains("last words").doesNotContain("behind his back");
    assertThat(
            Json.where(left, "state_key", bob.userId())
                .getLast()
                .at("/content/membership")
                .asText())
        .isEqualTo("leave");
    assertThat(bob.sync().at("/rooms/leave").has(room)).isFalse();
    Client fresh = bob.login();
    JsonNode initial = fresh.sync();
    assertThat(initial.at("/rooms/join").has(room)).isFalse();
    String include = encode("{\"room\": {\"include_leave\": true}}");
    assertThat(bob.login().sync("timeout=0&filter=" + include).at("/rooms/leave").has(room))
        .isTrue();
  }

  @Test
  void aJoinBringsTheRoomWithItsState() {
    Client carol = Client.register(server.baseUrl(), "carol");
    carol.sync();
    carol.join(room);
    JsonNode joined = carol.sync().at("/rooms/join").path(room);
    List<String> types = new ArrayList<>(Json.each(joined.at("/state/events"), "type"));
    types.addAll(Json.each(joined.at("/timeline/events"), "type"));
    assertThat(types).contains("m.room.create", "m.room.power_levels", "m.room.join_rules");
  }

  @Test
  void typingIsSeenAndEnds() {
    alice.sync();
    String typing = path(V3 + "/rooms/{}/typing/{}", room, bob.userId());
    bob.put(typing, Json.object("typing", true, "timeout", 20000)).ok();
    alice.syncUntil("bob typing", sync -> typingUsers(sync).contains(bob.userId()));
    bob.put(typing, Json.object("typing", false)).ok();
    alice.syncUntil("bob not typing", sync -> typingUsers(sync).equals("[]"));
    bob.put(typing, Json.object("typing", true, "timeout", 500)).ok();
    alice.syncUntil("bob typing again", sync -> typingUsers(sync).contains(bob.userId()));
    alice.syncUntil("bob's typing timed out", sync -> typingUsers(sync).equals("[]"));
    alice.put(typing, Json.object("typing", true, "timeout", 1000)).fails(403, "M_FORBIDDEN");
    Client stranger = Client.register(server.baseUrl(), "stranger");
    stranger
        .put(
            path(V3 + "/rooms/{}/typing/{}", room, stranger.userId()),
            Json.object("typing", true, "timeout", 1000))
        .fails(403, "M_FORBIDDEN");
  }

  private String typingUsers(JsonNode sync) {
    List<JsonNode> events =
        Json.where(sync.at("/rooms/join").path(room).at("/ephemeral/events"), "type", "m.typing");
    return events.isEmpty() ? "none" : events.getLast().at("/content/user_ids").toString();
  }

  @Test
  void receiptsReachTheOthersAndPrivateOnesOnlyTheirOwner() {
    String id = alice.say(room, "read me");
    String second = alice.say(room, "read me too");
    alice.sync();
    bob.sync();
    bob.post(path(V3 + "/rooms/{}/receipt/m.read/{}", room, id), Json.object()).ok();
    JsonNode seen = alice.syncUntil("the receipt", sync -> receipts(sync).path(id).has("m.read"));
    assertThat(receipts(seen).path(id).path("m.read").path(bob.userId()).path("ts").asLong())
        .isPositive();
    bob.post(path(V3 + "/rooms/{}/receipt/m.read.private/{}", room, second), Json.object()).ok();
    bob.syncUntil("the private receipt", sync -> receipts(sync).path(second).has("m.read.private"));
    String marker = bob.say(room, "marker");
    JsonNode after =
        alice.syncUntil(
            "the marker",
            sync -> Json.each(timeline(sync).path("events"), "event_id").contains(marker));
    assertThat(receipts(after).toString()).doesNotContain("m.read.private");
    assertThat(alice.login().sync().toString())
        .doesNotContain("m.read.private")
        .contains("m.receipt");
    bob.post(
            path(V3 + "/rooms/{}/receipt/m.read/{}", room, second),
            Json.object("thread_id", "main"))
        .ok();
    JsonNode threaded =
        alice.syncUntil("the threaded receipt", sync -> receipts(sync).path(second).has("m.read"));
    assertThat(
            receipts(threaded)
                .path(second)
                .path("m.read")
                .path(bob.userId())
                .path("thread_id")
                .asText())
        .isEqualTo("main");
    assertThat(
            bob.post(path(V3 + "/rooms/{}/receipt/m.smelt/{}", room, id), Json.object()).status())
        .isEqualTo(400);
  }

  private JsonNode receipts(JsonNode sync) {
    List<JsonNode> events =
        Json.where(sync.at("/rooms/join").path(room).at("/ephemeral/events"), "type", "m.receipt");
    return events.isEmpty() ? Json.object() : events.getLast().path("content");
  }
}
