package org.headrace.sender.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.headrace.sender.app.SenderTopology;
import org.headrace.sender.queue.QueueListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who of ours is there, and which other servers are told when. */
class PresenceOutboxTest {
  private static final RoomId ROOM = new RoomId("!room:a.example");
  private static final RoomId OTHER = new RoomId("!other:a.example");
  private static final RoomId LEFT = new RoomId("!left:a.example");
  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final long START = 1_800_000_000_000L;

  @TempDir Path folder;
  private TopologyTestDriver driver;
  private TestInputTopic<String, byte[]> presence;
  private TestOutputTopic<String, byte[]> queue;
  private final Rooms rooms = new Rooms();
  private long now = START;

  @BeforeEach
  void open() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "presence-test");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            SenderTopology.of(
                new OneTenant(), rooms, new NoQueues(), new Partitions(1, 1), new TreeMap<>()),
            config,
            Instant.ofEpochMilli(START));
    presence =
        driver.createInputTopic(
            Topic.PRESENCE.topicName(), new StringSerializer(), new ByteArraySerializer());
    queue =
        driver.createOutputTopic(
            Topic.FEDERATION_QUEUE.topicName(),
            new StringDeserializer(),
            new ByteArrayDeserializer());
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aChangeGoesToEachServerOfTheUsersRoomsOnce() {
    say(Presence.ONLINE, false);
    assertThat(told()).containsExactly("b.example online", "c.example online");
  }

  @Test
  void anotherServersUserIsNotOursToTell() {
    say(new UserId("@bob:b.example"), Presence.ONLINE, false);
    pass(Duration.ofHours(1));
    assertThat(told()).isEmpty();
  }

  @Test
  void ofManyChangesTheNewestIsTold() {
    say(Presence.ONLINE, false);
    say(Presence.UNAVAILABLE, false);
    say(Presence.ONLINE, false);
    say(Presence.UNAVAILABLE, false);
    assertThat(told()).containsExactly("b.example online", "c.example online");
    pass(Duration.ofSeconds(4));
    assertThat(told()).containsExactly("b.example unavailable", "c.example unavailable");
    pass(Duration.ofSeconds(30));
    assertThat(told()).isEmpty();
  }

  @Test
  void renewalsAreToldEveryTwentyMinutesAlone() {
    say(Presence.ONLINE, false);
    assertThat(told()).hasSize(2);
    int told = 0;
    for (int minute = 0; minute < 60; minute++) {
      pass(Duration.ofMinutes(1));
      say(Presence.ONLINE, true);
      told += told().size();
    }
    assertThat(told).isEqualTo(3 * 2);
  }

  @Test
  void anEndIsToldOnce() {
    say(Presence.ONLINE, false);
    assertThat(told()).hasSize(2);
    pass(Duration.ofMinutes(2).minusSeconds(1));
    assertThat(told()).isEmpty();
    pass(Duration.ofSeconds(15));
    assertThat(told()).containsExactly("b.example offline", "c.example offline");
    pass(Duration.ofHours(1));
    assertThat(told()).isEmpty();
  }

  @Test
  void whoSaysThatTheyGoIsToldAtOnceAndNotAgain() {
    say(Presence.ONLINE, false);
    pass(Duration.ofSeconds(10));
    assertThat(told()).hasSize(2);
    say(Presence.OFFLINE, false);
    assertThat(told()).containsExactly("b.example offline", "c.example offline");
    pass(Duration.ofHours(1));
    assertThat(told()).isEmpty();
  }

  @Test
  void whatIsReadLongAfterItEndedIsNotTold() {
    PresenceRecord old = record(ALICE, Presence.ONLINE, false);
    pass(Duration.ofMinutes(5));
    presence.pipeInput(ALICE.value(), LogJson.encode(old));
    assertThat(told()).isEmpty();
  }

  @Test
  void whileTheViewsAreAwayUsersWait() {
    say(Presence.ONLINE, false);
    assertThat(told()).hasSize(2);
    pass(Duration.ofSeconds(10));
    rooms.away = true;
    say(Presence.UNAVAILABLE, false);
    pass(Duration.ofSeconds(30));
    assertThat(told()).isEmpty();
    rooms.away = false;
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly("b.example unavailable", "c.example unavailable");
    pass(Duration.ofSeconds(30));
    assertThat(told()).isEmpty();
  }

  @Test
  void ofAllWhoWaitOneAsksTheViewsThatAreAway() {
    rooms.away = true;
    for (int n = 0; n < 10; n++) {
      say(new UserId("@user" + n + ":a.example"), Presence.ONLINE, false);
    }
    assertThat(rooms.asked).isEqualTo(1);
    pass(Duration.ofSeconds(2));
    assertThat(rooms.asked).isEqualTo(2);
  }

  @Test
  void anEndIsToldWhenTheViewsAreBack() {
    say(Presence.ONLINE, false);
    assertThat(told()).hasSize(2);
    rooms.away = true;
    pass(Duration.ofMinutes(5));
    assertThat(told()).isEmpty();
    rooms.away = false;
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly("b.example offline", "c.example offline");
  }

  private void pass(Duration time) {
    for (long left = time.toMillis(); left > 0; left -= 1_000) {
      driver.advanceWallClockTime(Duration.ofMillis(Math.min(left, 1_000)));
    }
    now += time.toMillis();
  }

  private void say(Presence said, boolean renewal) {
    say(ALICE, said, renewal);
  }

  private void say(UserId user, Presence said, boolean renewal) {
    presence.pipeInput(user.value(), LogJson.encode(record(user, said, renewal)));
  }

  private PresenceRecord record(UserId user, Presence said, boolean renewal) {
    long until = said == Presence.OFFLINE ? 0 : now + Duration.ofMinutes(2).toMillis();
    return new PresenceRecord(user, said, "here", new DeviceId("D"), now, until, renewal);
  }

  /** {@code destination presence} of each EDU since the last call. */
  private List<String> told() {
    List<String> told = new ArrayList<>();
    for (var record : queue.readRecordsToList()) {
      QueueKey key = QueueKey.of(record.key());
      assertThat(key.tenant()).isEqualTo(ALICE.server());
      var edu = (QueueRecord.Edu) LogJson.decode(record.value(), QueueRecord.class);
      assertThat(edu.eduType()).isEqualTo("m.presence");
      assertThat(edu.replaces()).isEqualTo("presence|" + ALICE);
      JsonNode push = edu.content().path("push").path(0);
      assertThat(push.path("user_id").asText()).isEqualTo(ALICE.value());
      assertThat(push.path("status_msg").asText()).isEqualTo("here");
      assertThat(push.path("last_active_ago").isIntegralNumber()).isTrue();
      told.add(key.destination() + " " + push.path("presence").asText());
    }
    return told;
  }

  private static final class OneTenant implements Tenants {
    @Override
    public Optional<Tenant> find(ServerName name) {
      return name.equals(ALICE.server())
          ? Optional.of(new Tenant(name, List.of(), true))
          : Optional.empty();
    }

    @Override
    public boolean isAlone(ServerName name) {
      return isHosted(name);
    }

    @Override
    public Tenant forHost(@Nullable String host) {
      return new Tenant(ALICE.server(), List.of(), true);
    }
  }

  private static final class NoQueues implements QueueListener {
    @Override
    public void ready(int partition, QueueKey queue) {}

    @Override
    public void wake(int partition, QueueKey queue) {}

    @Override
    public void lost(int partition) {}
  }

  /** Alice is in two rooms, and was in a third. */
  private static final class Rooms implements RoomsView {
    boolean away;
    int asked;

    @Override
    public List<Membership> roomsOf(UserId user) {
      asked++;
      if (away) {
        throw new ViewsUnavailableException("away", null);
      }
      return List.of(
          membership(ROOM, user, "join"),
          membership(OTHER, user, "join"),
          membership(LEFT, user, "leave"));
    }

    private static Membership membership(RoomId room, UserId user, String membership) {
      EventId event = new EventId("$member");
      return new Membership(room, user, membership, event, Position.ofOffset(1), false);
    }

    @Override
    public SortedSet<ServerName> servers(RoomId room) {
      SortedSet<ServerName> servers = new TreeSet<>();
      servers.add(ALICE.server());
      servers.add(new ServerName("b.example"));
      if (!room.equals(ROOM)) {
        servers.add(new ServerName(room.equals(OTHER) ? "c.example" : "left.example"));
      }
      return servers;
    }

    @Override
    public Optional<Room> room(RoomId room) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Membership> membership(RoomId room, UserId user) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Membership> membership(RoomId room, UserId user, Position at) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Membership> members(RoomId room) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Counts counts(RoomId room) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isJoined(RoomId room, ServerName server) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Gap> gaps(RoomId room) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Position reached(int roomPartition) {
      throw new UnsupportedOperationException();
    }
  }
}
