package org.headrace.api.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.api.sync.SyncClientFake.ids;
import static org.headrace.api.sync.SyncClientFake.joined;
import static org.headrace.api.sync.SyncClientFake.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.headrace.api.world.World;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.RoomRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncEngineTest {
  private static final UserId ALICE = World.user("alice");
  private static final UserId BOB = World.user("bob");
  private static final UserId CAROL = World.user("carol");
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;
  private World world;
  private SyncClientFake alice;
  private SyncClientFake bob;

  @BeforeEach
  void open() {
    world = new World(folder);
    alice = new SyncClientFake(world, ALICE);
    bob = new SyncClientFake(world, BOB);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aNewAccountGetsAnEmptyAnswerWithKeyCounts() {
    ObjectNode answer = alice.sync();
    assertThat(answer.path("next_batch").asText()).isNotEmpty();
    assertThat(answer.has("rooms")).isFalse();
    assertThat(answer.path("device_one_time_keys_count").path("signed_curve25519").asInt(-1))
        .isZero();
    assertThat(answer.path("device_unused_fallback_key_types").isArray()).isTrue();
  }

  @Test
  void anInitialSyncHoldsTheNewestEventsAndTheStateBeforeThem() {
    RoomId room = world.room(ALICE, "shared");
    for (int i = 0; i < 12; i++) {
      world.message(room, ALICE, "m" + i);
    }
    JsonNode joined = joined(alice.sync(), room);
    List<EventId> all = world.timeline(room);
    assertThat(ids(joined.path("timeline").path("events")))
        .isEqualTo(all.subList(6, 16).stream().map(EventId::value).toList());
    assertThat(joined.path("timeline").path("limited").asBoolean()).isTrue();
    assertThat(keys(joined.path("state").path("events")))
        .containsExactlyInAnyOrder(
            "m.room.create|",
            "m.room.member|@alice:one.example",
            "m.room.join_rules|",
            "m.room.history_visibility|");
    assertThat(joined.path("summary").path("m.joined_member_count").asInt()).isEqualTo(1);
  }

  @Test
  void aSmallRoomIsToldWholeAndNotLimited() {
    RoomId room = world.room(ALICE, "shared");
    JsonNode joined = joined(alice.sync(), room);
    assertThat(joined.path("timeline").path("events")).hasSize(4);
    assertThat(joined.path("timeline").path("limited").asBoolean()).isFalse();
    assertThat(joined.path("state").path("events")).isEmpty();
  }

  @Test
  void anIncrementalSyncHoldsWhatIsNewAndNothingElse() {
    RoomId quiet = world.room(ALICE, "shared");
    RoomId busy = world.room(ALICE, "shared");
    alice.sync();
    EventId event = world.message(busy, ALICE, "hello");
    ObjectNode answer = alice.sync();
    assertThat(ids(joined(answer, busy).path("timeline").path("events")))
        .containsExactly(event.value());
    assertThat(joined(answer, busy).path("state").path("events")).isEmpty();
    assertThat(joined(answer, busy).path("timeline").path("limited").asBoolean()).isFalse();
    assertThat(joined(answer, quiet).isMissingNode()).isTrue();
    assertThat(alice.sync().has("rooms")).isFalse();
  }

  @Test
  void aGapIsLimitedAndItsStateIsTold() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    world.state(room, ALICE, "m.room.topic", "", World.content("topic", "old"));
    EventId topic = world.state(room, ALICE, "m.room.topic", "", World.content("topic", "new"));
    world.message(room, ALICE, "a");
    EventId last = world.message(room, ALICE, "b");
    JsonNode joined = joined(alice.sync("{\"room\":{\"timeline\":{\"limit\":1}}}"), room);
    assertThat(ids(joined.path("timeline").path("events"))).containsExactly(last.value());
    assertThat(joined.path("timeline").path("limited").asBoolean()).isTrue();
    assertThat(ids(joined.path("state").path("events"))).containsExactly(topic.value());
  }

  @Test
  void stateThatAFilterKeepsOutOfTheTimelineIsToldAsState() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    EventId topic = world.state(room, ALICE, "m.room.topic", "", World.content("topic", "t"));
    String filter = "{\"room\":{\"timeline\":{\"types\":[\"m.room.message\"]}}}";
    JsonNode joined = joined(alice.sync(filter), room);
    assertThat(joined.path("timeline").path("events")).isEmpty();
    assertThat(ids(joined.path("state").path("events"))).containsExactly(topic.value());
  }

  @Test
  void stateAfterHoldsTheChangesOfTheTimelineToo() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    EventId topic = world.state(room, ALICE, "m.room.topic", "", World.content("topic", "t"));
    JsonNode joined = joined(alice.sync("{}", true, Duration.ZERO), room);
    assertThat(ids(joined.path("timeline").path("events"))).containsExactly(topic.value());
    assertThat(ids(joined.path("state_after").path("events"))).containsExactly(topic.value());
    assertThat(joined.has("state")).isFalse();
  }

  @Test
  void aRoomJoinedSinceTheTokenIsToldWhole() {
    RoomId room = world.room(ALICE, "shared");
    bob.sync();
    world.member(room, BOB, BOB, "join");
    JsonNode joined = joined(bob.sync("{\"room\":{\"timeline\":{\"limit\":1}}}"), room);
    assertThat(joined.path("timeline").path("limited").asBoolean()).isTrue();
    assertThat(keys(joined.path("state").path("events")))
        .containsExactlyInAnyOrder(
            "m.room.create|",
            "m.room.member|@alice:one.example",
            "m.room.join_rules|",
            "m.room.history_visibility|");
    assertThat(joined.path("summary").path("m.heroes").get(0).asText()).isEqualTo(ALICE.value());
  }

  @Test
  void whoJoinedSeesNothingFromBeforeWhereVisibilityIsJoined() {
    RoomId room = world.room(ALICE, "joined");
    EventId secret = world.message(room, ALICE, "secret");
    EventId join = world.member(room, BOB, BOB, "join");
    EventId after = world.message(room, ALICE, "hello");
    JsonNode joined = joined(bob.sync(), room);
    // What came before the visibility was set is shared, as it is by default.
    assertThat(ids(joined.path("timeline").path("events")))
        .contains(join.value(), after.value())
        .doesNotContain(secret.value());
  }

  @Test
  void anInviteHasStrippedStateAndIsToldOnce() {
    RoomId room = world.room(ALICE, "shared");
    world.state(room, ALICE, "m.room.name", "", World.content("name", "Room"));
    bob.sync();
    world.member(room, ALICE, BOB, "invite");
    JsonNode events =
        bob.sync()
            .path("rooms")
            .path("invite")
            .path(room.value())
            .path("invite_state")
            .path("events");
    assertThat(keys(events))
        .contains(
            "m.room.create|",
            "m.room.name|",
            "m.room.member|" + ALICE.value(),
            "m.room.member|" + BOB.value());
    events.forEach(event -> assertThat(event.has("event_id")).isFalse());
    assertThat(bob.sync().has("rooms")).isFalse();
  }

  @Test
  void aRefusedInviteIsALeaveWithoutTheRoomsEvents() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, ALICE, BOB, "invite");
    bob.sync();
    world.message(room, ALICE, "not for bob");
    EventId leave = world.member(room, BOB, BOB, "leave");
    JsonNode left = bob.sync().path("rooms").path("leave").path(room.value());
    assertThat(ids(left.path("timeline").path("events"))).containsExactly(leave.value());
    assertThat(left.path("state").path("events")).isEmpty();
  }

  @Test
  void aRoomThatWasLeftIsToldUpToTheLeave() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    bob.sync();
    EventId seen = world.message(room, ALICE, "seen");
    EventId kick = world.member(room, ALICE, BOB, "leave");
    world.message(room, ALICE, "not seen");
    ObjectNode answer = bob.sync();
    JsonNode left = answer.path("rooms").path("leave").path(room.value());
    assertThat(ids(left.path("timeline").path("events")))
        .containsExactly(seen.value(), kick.value());
    assertThat(answer.path("device_lists").path("left").get(0).asText()).isEqualTo(ALICE.value());
    world.message(room, ALICE, "later");
    assertThat(bob.sync().has("rooms")).isFalse();
  }

  @Test
  void aBanIsALeave() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    bob.sync();
    EventId ban = world.member(room, ALICE, BOB, "ban");
    JsonNode left = bob.sync().path("rooms").path("leave").path(room.value());
    assertThat(ids(left.path("timeline").path("events"))).containsExactly(ban.value());
  }

  @Test
  void oldLeavesAreToldOnRequestUnlessForgotten() {
    RoomId left = world.room(ALICE, "shared");
    RoomId forgotten = world.room(ALICE, "shared");
    for (RoomId room : List.of(left, forgotten)) {
      world.member(room, BOB, BOB, "join");
      world.member(room, BOB, BOB, "leave");
    }
    world.forget(forgotten, BOB);
    assertThat(bob.sync().has("rooms")).isFalse();
    bob.restart();
    JsonNode leave = bob.sync("{\"room\":{\"include_leave\":true}}").path("rooms").path("leave");
    assertThat(leave.properties())
        .extracting(entry -> entry.getKey())
        .containsExactly(left.value());
    assertThat(leave.path(left.value()).path("timeline").path("events")).hasSize(6);
  }

  @Test
  void aRoomLeftAndForgottenSinceTheTokenIsToldAsLeftOnce() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    bob.sync();
    EventId leave = world.member(room, BOB, BOB, "leave");
    world.forget(room, BOB);
    ObjectNode answer = bob.sync();
    JsonNode left = answer.path("rooms").path("leave").path(room.value());
    assertThat(ids(left.path("timeline").path("events"))).containsExactly(leave.value());
    assertThat(answer.path("device_lists").path("left").get(0).asText()).isEqualTo(ALICE.value());
    ObjectNode after = bob.sync();
    assertThat(after.has("rooms")).isFalse();
    assertThat(after.has("device_lists")).isFalse();
  }

  @Test
  void aRoomThatCameAndWasForgottenBetweenTwoTokensIsNeverTold() {
    bob.sync();
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    world.member(room, BOB, BOB, "leave");
    world.forget(room, BOB);
    assertThat(bob.sync().has("rooms")).isFalse();
    assertThat(bob.sync().has("rooms")).isFalse();
  }

  @Test
  void lazyLoadingKeepsTheMembersWhoSpokeAndOneself() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    world.member(room, CAROL, CAROL, "join");
    world.state(room, ALICE, "m.room.name", "", World.content("name", "Room"));
    world.message(room, CAROL, "hello");
    String filter =
        "{\"room\":{\"timeline\":{\"limit\":1},\"state\":{\"lazy_load_members\":true}}}";
    JsonNode state = joined(alice.sync(filter), room).path("state").path("events");
    assertThat(keys(state))
        .contains("m.room.member|" + ALICE.value(), "m.room.member|" + CAROL.value())
        .doesNotContain("m.room.member|" + BOB.value());
  }

  @Test
  void onlyTheSendingDeviceGetsItsTransactionId() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    alice.sync();
    bob.sync();
    var sentBy = new RoomRecord.SentBy(ALICE, World.session(ALICE).device(), "txn1");
    world.append(room, ALICE, "m.room.message", null, Json.object(), sentBy);
    var other = new RoomRecord.SentBy(ALICE, new DeviceId("OTHER"), "txn2");
    world.append(room, ALICE, "m.room.message", null, Json.object(), other);
    JsonNode toAlice = joined(alice.sync(), room).path("timeline").path("events");
    assertThat(toAlice.get(0).path("unsigned").path("transaction_id").asText()).isEqualTo("txn1");
    assertThat(toAlice.get(1).path("unsigned").has("transaction_id")).isFalse();
    JsonNode toBob = joined(bob.sync(), room).path("timeline").path("events");
    assertThat(toBob.get(0).path("unsigned").has("transaction_id")).isFalse();
  }

  @Test
  void aRedactedEventSaysWhyAndHasNoContent() {
    RoomId room = world.room(ALICE, "shared");
    EventId event = world.message(room, ALICE, "regretted");
    EventId redaction = world.redact(room, ALICE, event);
    JsonNode events = joined(alice.sync(), room).path("timeline").path("events");
    JsonNode redacted = events.get(4);
    assertThat(redacted.path("event_id").asText()).isEqualTo(event.value());
    assertThat(redacted.path("content")).isEmpty();
    JsonNode because = redacted.path("unsigned").path("redacted_because");
    assertThat(because.path("event_id").asText()).isEqualTo(redaction.value());
    assertThat(events.get(5).path("redacts").asText()).isEqualTo(event.value());
    assertThat(events.get(5).path("content").path("redacts").asText()).isEqualTo(event.value());
  }

  @Test
  void aStateEventCarriesWhatItReplaced() {
    RoomId room = world.room(ALICE, "shared");
    EventId first = world.state(room, ALICE, "m.room.topic", "", World.content("topic", "1"));
    alice.sync();
    world.state(room, ALICE, "m.room.topic", "", World.content("topic", "2"));
    JsonNode unsigned =
        joined(alice.sync(), room).path("timeline").path("events").get(0).path("unsigned");
    assertThat(unsigned.path("prev_content").path("topic").asText()).isEqualTo("1");
    assertThat(unsigned.path("replaces_state").asText()).isEqualTo(first.value());
    assertThat(unsigned.path("membership").asText()).isEqualTo("join");
  }

  @Test
  void toDeviceMessagesAreToldUntilTheTokenAfterThemComesBack() {
    alice.sync();
    String before = alice.token();
    world.toDevice(ALICE, BOB, "m.room_key", 1);
    assertThat(alice.sync().path("to_device").path("events")).hasSize(1);
    alice.resume(before);
    assertThat(alice.sync().path("to_device").path("events")).hasSize(1);
    assertThat(world.commands.takeAcknowledged()).isEmpty();
    assertThat(alice.sync().has("to_device")).isFalse();
    world.applyAcknowledgements();
    alice.restart();
    assertThat(alice.sync().has("to_device")).isFalse();
  }

  @Test
  void aForgedTokenFromTheFutureHurtsNobodyElse() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    Position end = new Position(Long.MAX_VALUE);
    var far = new SyncToken.RoomPositions(end, end, end);
    TreeMap<Integer, SyncToken.RoomPositions> rooms = new TreeMap<>();
    for (int partition = 0; partition < world.partitions.rooms(); partition++) {
      rooms.put(partition, far);
    }
    world.toDevice(ALICE, BOB, "m.room_key", 1);
    alice.resume(
        new SyncToken(rooms, end, end, end, new TreeMap<>(), SyncToken.Presences.NONE).encode());
    world.message(room, ALICE, "hello");
    ObjectNode answer = alice.sync();
    assertThat(answer.has("rooms")).isFalse();
    assertThat(world.commands.takeAcknowledged()).allMatch(ack -> ack.upTo().compareTo(end) < 0);
    assertThat(alice.fullState().path("rooms").path("join").has(room.value())).isTrue();
  }

  @Test
  void aCommandsItemsAreToldWhenAllOfThemHaveCome() {
    Position command = world.nextCommand(ALICE);
    DeviceId device = World.session(ALICE).device();
    alice.sync();
    world.itemCame(toDevice(command, new DeviceId("OTHER")));
    // Something else wakes the device between the two.
    RoomId room = world.room(ALICE, "shared");
    assertThat(joined(alice.sync(), room).isMissingNode()).isFalse();
    world.itemCame(toDevice(command.withOrdinal(1), device));
    ObjectNode content = Json.object().put("a", 1);
    world.itemCame(
        new AccountItem.AccountData(command.withOrdinal(2), ALICE, null, "org.one", content));
    world.commandShown(ALICE, command);
    ObjectNode answer = alice.sync();
    assertThat(world.commands.takeAcknowledged()).isEmpty();
    assertThat(answer.path("to_device").path("events")).hasSize(1);
    assertThat(keys(answer.path("account_data").path("events"))).containsExactly("org.one|");
    ObjectNode after = alice.sync();
    assertThat(after.has("to_device")).isFalse();
    assertThat(after.has("account_data")).isFalse();
  }

  private static AccountItem toDevice(Position position, DeviceId device) {
    return new AccountItem.ToDevice(position, ALICE, device, BOB, "m.room_key", Json.object());
  }

  @Test
  void manyToDeviceMessagesComeInOrderAndEachOnce() {
    alice.sync();
    int count = 2 * ToDeviceProvider.MESSAGES_MAX + 5;
    for (int i = 0; i < count; i++) {
      world.toDevice(ALICE, BOB, "m.room_key", i);
    }
    int next = 0;
    for (JsonNode answer = alice.sync(); answer.has("to_device"); answer = alice.sync()) {
      for (JsonNode event : answer.path("to_device").path("events")) {
        assertThat(event.path("content").path("number").asInt()).isEqualTo(next++);
      }
      world.applyAcknowledgements();
    }
    assertThat(next).isEqualTo(count);
  }

  @Test
  void deviceListsNameWhoChangedWhoCameAndWhoLeft() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    assertThat(alice.sync().has("device_lists")).isFalse();
    world.devicesChanged(room, BOB);
    assertThat(changed(alice.sync())).containsExactly(BOB.value());
    world.member(room, CAROL, CAROL, "join");
    assertThat(changed(alice.sync())).containsExactly(CAROL.value());
    RoomId other = world.room(CAROL, "shared");
    world.member(other, ALICE, ALICE, "join");
    assertThat(changed(alice.sync())).containsExactlyInAnyOrder(ALICE.value(), CAROL.value());
    world.member(room, CAROL, CAROL, "leave");
    world.member(room, BOB, BOB, "leave");
    JsonNode lists = alice.sync().path("device_lists");
    assertThat(lists.path("changed")).isEmpty();
    assertThat(lists.path("left")).hasSize(1);
    assertThat(lists.path("left").get(0).asText()).isEqualTo(BOB.value());
  }

  @Test
  void aProfileChangeIsNoDeviceChange() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    alice.sync();
    ObjectNode content = World.content("membership", "join").put("displayname", "Bob");
    world.state(room, BOB, "m.room.member", BOB.value(), content);
    assertThat(alice.sync().has("device_lists")).isFalse();
  }

  @Test
  void typingIsToldWhenItStartsAndWhenItExpires() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    alice.sync();
    world.typing(room, BOB, world.clock.millis() + 5_000);
    assertThat(typing(alice.sync(), room)).containsExactly(BOB.value());
    assertThat(alice.sync().has("rooms")).isFalse();
    world.pass(Duration.ofSeconds(6));
    JsonNode stopped = joined(alice.sync(), room).path("ephemeral").path("events").get(0);
    assertThat(stopped.path("content").path("user_ids")).isEmpty();
    assertThat(alice.sync().has("rooms")).isFalse();
  }

  @Test
  void whoBeganAndStoppedSinceIsToldToHaveStopped() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    alice.sync();
    world.typing(room, BOB, world.clock.millis() + 5_000);
    world.typing(room, BOB, 0);
    JsonNode answer = alice.sync();
    assertThat(answer.path("rooms").path("join").has(room.value())).isTrue();
    assertThat(typing(answer, room)).isEmpty();
    assertThat(alice.sync().path("rooms").path("join")).as("once").isEmpty();
  }

  @Test
  void typingIsForgottenWithTheRoom() {
    RoomId room = world.room(BOB, "shared");
    world.member(room, ALICE, ALICE, "join");
    world.typing(room, BOB, world.clock.millis() + 60_000);
    assertThat(typing(alice.sync(), room)).containsExactly(BOB.value());
    world.member(room, ALICE, ALICE, "leave");
    alice.sync();
    assertThat(SyncToken.decode(alice.token()).orElseThrow().typing()).isEmpty();
  }

  @Test
  void privateReceiptsReachTheirOwnerOnly() {
    RoomId room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    EventId event = world.message(room, ALICE, "read me");
    alice.sync();
    bob.sync();
    world.receipt(room, BOB, "m.read.private", event);
    assertThat(alice.sync().has("rooms")).isFalse();
    JsonNode receipt = joined(bob.sync(), room).path("ephemeral").path("events").get(0);
    assertThat(receipt.path("content").path(event.value()).has("m.read.private")).isTrue();
    world.receipt(room, BOB, "m.read", event);
    JsonNode shown = joined(alice.sync(), room).path("ephemeral").path("events").get(0);
    assertThat(shown.path("content").path(event.value()).path("m.read").path(BOB.value()).has("ts"))
        .isTrue();
  }

  @Test
  void receiptsOfAThreadAndOfTheRoomDoNotHideEachOther() {
    RoomId room = world.room(ALICE, "shared");
    EventId event = world.message(room, ALICE, "read me");
    alice.sync();
    world.receipt(room, BOB, "m.read", null, event);
    world.receipt(room, BOB, "m.read", "main", event);
    JsonNode told = joined(alice.sync(), room).path("ephemeral").path("events");
    List<String> threads = new ArrayList<>();
    told.forEach(
        one ->
            threads.add(
                one.path("content")
                    .path(event.value())
                    .path("m.read")
                    .path(BOB.value())
                    .path("thread_id")
                    .asText("none")));
    assertThat(threads).containsExactlyInAnyOrder("none", "main");
  }

  @Test
  void accountDataIsToldGloballyAndByRoom() {
    RoomId room = world.room(ALICE, "shared");
    world.accountData(ALICE, null, "org.example.one", Json.object().put("a", 1));
    world.accountData(ALICE, room, "m.tag", Json.object());
    ObjectNode first = alice.sync();
    assertThat(keys(first.path("account_data").path("events"))).containsExactly("org.example.one|");
    assertThat(keys(joined(first, room).path("account_data").path("events")))
        .containsExactly("m.tag|");
    world.accountData(ALICE, room, "m.tag", Json.object().put("b", 2));
    ObjectNode second = alice.sync();
    assertThat(second.has("account_data")).isFalse();
    assertThat(joined(second, room).path("timeline").path("events")).isEmpty();
    assertThat(joined(second, room).path("account_data").path("events")).hasSize(1);
  }

  @Test
  void aFullStateSyncTellsTheStateOfQuietRooms() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    JsonNode joined = joined(alice.fullState(), room);
    assertThat(joined.path("state").path("events")).hasSize(4);
    assertThat(joined.path("timeline").path("events")).isEmpty();
  }

  @Test
  void aLongPollEndsWithTheFirstNews() throws Exception {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    CompletableFuture<ObjectNode> answer = CompletableFuture.supplyAsync(() -> alice.wait(LONG));
    assertThat(world.wakeups.waits.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    EventId event = world.message(room, ALICE, "wake up");
    assertThat(ids(joined(answer.get(30, TimeUnit.SECONDS), room).path("timeline").path("events")))
        .containsExactly(event.value());
  }

  @Test
  void whatComesTooQuicklyForASessionIsToldTogether() throws Exception {
    RoomId room = world.room(ALICE, "shared");
    List<EventId> meanwhile = new ArrayList<>();
    SyncPace pace =
        new SyncPace(world.clock) {
          @Override
          void pause(Duration length) {
            meanwhile.add(world.message(room, ALICE, "meanwhile"));
          }
        };
    SyncClientFake client = new SyncClientFake(world, ALICE, pace);
    client.sync();
    for (int reads = 1; reads < SyncPace.AT_ONCE; reads++) {
      pace.await(World.session(ALICE));
    }
    CompletableFuture<ObjectNode> answer = CompletableFuture.supplyAsync(() -> client.wait(LONG));
    assertThat(world.wakeups.waits.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    EventId first = world.message(room, ALICE, "first");
    assertThat(ids(joined(answer.get(30, TimeUnit.SECONDS), room).path("timeline").path("events")))
        .containsExactly(first.value(), meanwhile.getFirst().value());

    world.message(room, ALICE, "another");
    assertThat(joined(client.wait(LONG), room).path("timeline").path("events")).hasSize(2);
    world.pass(SyncPace.REFILL);
    world.message(room, ALICE, "after a while");
    assertThat(joined(client.wait(LONG), room).path("timeline").path("events")).hasSize(1);
    assertThat(meanwhile).hasSize(2);
  }

  @Test
  void aLongPollEndsWithItsSession() throws Exception {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    CompletableFuture<ObjectNode> answer = CompletableFuture.supplyAsync(() -> alice.wait(LONG));
    assertThat(world.wakeups.waits.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    IllegalStateException ended = new IllegalStateException("logged out");
    alice.logOut(ended);
    world.message(room, ALICE, "not for this device");
    assertThat(answer).failsWithin(LONG).withThrowableThat().withCause(ended);
  }

  @Test
  void aLongPollLearnsOfAnInviteAndThenOfARoomJoinedMeanwhile() throws Exception {
    RoomId room = world.room(ALICE, "shared");
    bob.sync();
    CompletableFuture<ObjectNode> answer = CompletableFuture.supplyAsync(() -> bob.wait(LONG));
    assertThat(world.wakeups.waits.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    world.member(room, ALICE, BOB, "invite");
    assertThat(answer.get(30, TimeUnit.SECONDS).path("rooms").path("invite").has(room.value()))
        .isTrue();
  }

  @Test
  void aLongPollWithoutNewsEndsWithATokenThatLosesNothing() {
    RoomId room = world.room(ALICE, "shared");
    alice.sync();
    assertThat(alice.wait(Duration.ofMillis(50)).has("rooms")).isFalse();
    EventId event = world.message(room, ALICE, "later");
    assertThat(ids(joined(alice.sync(), room).path("timeline").path("events")))
        .containsExactly(event.value());
  }

  private static List<String> changed(JsonNode answer) {
    List<String> users = new ArrayList<>();
    answer.path("device_lists").path("changed").forEach(user -> users.add(user.asText()));
    return users;
  }

  private static List<String> typing(JsonNode answer, RoomId room) {
    List<String> users = new ArrayList<>();
    joined(answer, room)
        .path("ephemeral")
        .path("events")
        .get(0)
        .path("content")
        .path("user_ids")
        .forEach(user -> users.add(user.asText()));
    return users;
  }
}
