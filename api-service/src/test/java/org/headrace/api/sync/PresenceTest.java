package org.headrace.api.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.headrace.api.world.World;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What /sync says and tells of who is there. */
class PresenceTest {
  private static final UserId ALICE = World.user("alice");
  private static final UserId BOB = World.user("bob");
  private static final UserId CAROL = World.user("carol");

  @TempDir Path folder;
  private World world;
  private SyncClientFake alice;
  private SyncClientFake bob;
  private RoomId room;

  @BeforeEach
  void open() {
    world = new World(folder);
    room = world.room(ALICE, "shared");
    world.member(room, BOB, BOB, "join");
    world.room(CAROL, "shared");
    alice = new SyncClientFake(world, ALICE);
    bob = new SyncClientFake(world, BOB);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aSyncSaysThatItsUserIsThereAndTellsThemToo() {
    alice.says(Presence.ONLINE);
    assertThat(told(alice.sync())).containsExactly(ALICE + " online");
    assertThat(told(alice.sync())).isEmpty();
    JsonNode content = bob.sync().path("presence").path("events").path(0).path("content");
    assertThat(content.path("presence").asText()).isEqualTo("online");
    assertThat(content.path("currently_active").asBoolean()).isTrue();
    assertThat(content.path("last_active_ago").asLong(-1)).isZero();
    assertThat(told(bob.sync())).isEmpty();
  }

  @Test
  void onlyWhoSharesARoomIsTold() {
    bob.sync();
    SyncClientFake carol = new SyncClientFake(world, CAROL).says(Presence.ONLINE);
    carol.sync();
    assertThat(told(bob.sync())).isEmpty();
    bob.restart();
    assertThat(told(bob.sync())).isEmpty();
    assertThat(told(carol.sync())).isEmpty();
  }

  @Test
  void aSyncOfAnOfflineClientSaysNothing() {
    alice.sync();
    assertThat(world.presences()).isEmpty();
  }

  @Test
  void syncsRenewItOnceAMinuteAndNobodyIsTold() {
    alice.says(Presence.ONLINE).sync();
    bob.sync();
    for (int second = 0; second < 300; second += 10) {
      alice.sync();
      assertThat(told(bob.sync())).isEmpty();
      world.pass(Duration.ofSeconds(10));
    }
    assertThat(world.presences()).hasSizeBetween(4, 6);
    assertThat(world.presences().subList(1, world.presences().size()))
        .allMatch(PresenceRecord::renewal);
  }

  @Test
  void whoseSyncsStoppedIsToldOfflineOnce() {
    alice.says(Presence.ONLINE).sync();
    bob.sync();
    world.pass(Duration.ofSeconds(89));
    assertThat(told(bob.sync())).isEmpty();
    world.pass(Duration.ofSeconds(1));
    assertThat(told(bob.sync())).containsExactly(ALICE + " offline");
    assertThat(told(bob.sync())).isEmpty();
    bob.restart();
    assertThat(told(bob.sync())).as("an initial sync leaves out who is offline").isEmpty();
    alice.sync();
    assertThat(told(bob.sync())).containsExactly(ALICE + " online");
  }

  @Test
  void whatIsRenewedInTheLastMomentIsToldAgain() {
    alice.says(Presence.ONLINE).sync();
    bob.sync();
    world.pass(Duration.ofSeconds(85));
    alice.sync();
    assertThat(told(bob.sync())).containsExactly(ALICE + " online");
  }

  @Test
  void anotherIdleDeviceDoesNotMakeAnActiveUserIdle() {
    put(ALICE, Presence.ONLINE, "here", "OTHER");
    alice.says(Presence.UNAVAILABLE).sync();
    assertThat(told(bob.sync())).containsExactly(ALICE + " online");
    world.pass(Duration.ofMinutes(5));
    alice.sync();
    JsonNode event = bob.sync().path("presence").path("events").path(0);
    assertThat(event.path("content").path("presence").asText()).isEqualTo("unavailable");
    assertThat(event.path("content").path("status_msg").asText()).isEqualTo("here");
    assertThat(event.path("content").has("currently_active")).isFalse();
  }

  @Test
  void theDeviceThatWasActiveMayBecomeIdle() {
    alice.says(Presence.ONLINE).sync();
    bob.sync();
    alice.says(Presence.UNAVAILABLE).sync();
    assertThat(told(bob.sync())).containsExactly(ALICE + " unavailable");
  }

  @Test
  void whoChangesAllTheTimeIsNotHeardEachTime() {
    for (int n = 0; n < 3 * PresenceProvider.BURST; n++) {
      alice.says(n % 2 == 0 ? Presence.ONLINE : Presence.UNAVAILABLE).sync();
    }
    assertThat(world.presences()).hasSize(PresenceProvider.BURST);
    world.pass(PresenceProvider.REFILL);
    alice.says(Presence.ONLINE).sync();
    assertThat(told(bob.sync())).containsExactly(ALICE + " online");
  }

  @Test
  void whoComesIntoARoomIsToldToThoseWhoAreThereAndLearnsOfThem() {
    SyncClientFake carol = new SyncClientFake(world, CAROL).says(Presence.ONLINE);
    carol.sync();
    alice.says(Presence.ONLINE).sync();
    bob.sync();
    world.member(room, CAROL, CAROL, "join");
    assertThat(told(bob.sync())).containsExactly(CAROL + " online");
    assertThat(told(carol.sync())).containsExactly(ALICE + " online");
  }

  @Test
  void aChangeWakesWhoWaits() throws Exception {
    bob.sync();
    CompletableFuture<List<String>> waiting =
        CompletableFuture.supplyAsync(() -> told(bob.wait(Duration.ofMinutes(1))));
    world.wakeups.waits.acquire();
    put(ALICE, Presence.UNAVAILABLE, null, "PHONE");
    assertThat(waiting.get()).containsExactly(ALICE + " unavailable");
  }

  @Test
  void theFiltersPresencePartHolds() {
    put(ALICE, Presence.ONLINE, null, "PHONE");
    bob.sync();
    put(ALICE, Presence.UNAVAILABLE, null, "PHONE");
    assertThat(told(bob.sync("{\"presence\":{\"not_senders\":[\"" + ALICE + "\"]}}"))).isEmpty();
    put(ALICE, Presence.ONLINE, null, "PHONE");
    assertThat(told(bob.sync("{\"presence\":{\"types\":[]}}"))).isEmpty();
    put(ALICE, Presence.OFFLINE, null, "PHONE");
    assertThat(told(bob.sync("{\"presence\":{\"senders\":[\"" + ALICE + "\"]}}")))
        .containsExactly(ALICE + " offline");
  }

  @Test
  void whereItIsOffNothingIsSaidOrTold() {
    put(ALICE, Presence.ONLINE, null, "PHONE");
    SyncClientFake off = new SyncClientFake(world, BOB, false).says(Presence.ONLINE);
    assertThat(told(off.sync())).isEmpty();
    assertThat(world.presences()).hasSize(1);
  }

  private void put(UserId user, Presence presence, String status, String device) {
    long now = world.clock.millis();
    long until = now + Duration.ofMinutes(5).toMillis();
    world.presence(PresenceRecord.of(user, presence, status, new DeviceId(device), now, until));
  }

  /** {@code user presence} of each event. */
  private static List<String> told(JsonNode answer) {
    List<String> told = new ArrayList<>();
    for (JsonNode event : answer.path("presence").path("events")) {
      assertThat(event.path("type").asText()).isEqualTo("m.presence");
      told.add(
          event.path("sender").asText() + " " + event.path("content").path("presence").asText());
    }
    return told;
  }
}
