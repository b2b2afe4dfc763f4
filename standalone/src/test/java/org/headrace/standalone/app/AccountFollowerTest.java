package org.headrace.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.http.RecentSessions;
import org.headrace.log.accounts.AccountFollower;
import org.headrace.log.accounts.AccountFollower.Begin;
import org.headrace.projections.view.AccountsView.Session;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.broker.TopicCatalogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that stand in, ended by a log on a real broker (ADR 7). */
class AccountFollowerTest {
  private static final Partitions PARTITIONS = new Partitions(1, 2);
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final Session PHONE = new Session(ALICE, new DeviceId("PHONE"));
  private static final int PARTITION = PARTITIONS.ofAccount(ALICE.value());

  @TempDir Path data;

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();
  private final RecentSessions recent = new RecentSessions(nanos::get);
  private final Told told = new Told();
  private EmbeddedBroker broker;
  private KafkaProducer<String, byte[]> producer;

  /** What a follower has told, in order: positions, and up to when all was heard. */
  private final class Told implements AccountFollower.Listener {
    private final List<Object> all = new ArrayList<>();

    @Override
    public synchronized void heard(AccountRecord record) {
      recent.heard(record);
      all.add(record.position());
    }

    @Override
    public synchronized void heardAll(long until) {
      recent.heardAll(until);
      all.add(until);
    }

    synchronized List<Position> positions() {
      return all.stream().filter(Position.class::isInstance).map(Position.class::cast).toList();
    }

    /** Before which of these positions it was first said that all is heard up to this time. */
    synchronized Optional<Integer> positionsBeforeAll(long until) {
      int positions = 0;
      for (Object each : all) {
        if (each instanceof Long time && time >= until) {
          return Optional.of(positions);
        }
        positions += each instanceof Position ? 1 : 0;
      }
      return Optional.empty();
    }
  }

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start(data);
    Map<String, Object> client = broker.access().clientConfig();
    TopicCatalogue.ensure(client, PARTITIONS, false);
    Map<String, Object> settings = new HashMap<>(client);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void stop() {
    producer.close(Duration.ZERO);
    broker.close();
  }

  @Test
  void aLogoutThatIsLoggedEndsTheSessionThatStandsIn() throws Exception {
    log(begun(0, "t"));
    try (AccountFollower follower = follow(new Begin(0, Position.NONE))) {
      follower.start();
      hearAll();
      assertThat(away("t")).contains(PHONE);
      log(ended(1));
      // A command that is decided again after a crash.
      log(begun(0, "t"));
      hearAll();
      assertThat(away("t")).isEmpty();
      assertThat(told.positions()).containsExactly(position(0), position(1));

      broker.close();
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      assertThatThrownBy(() -> away("t")).isInstanceOf(ViewsUnavailableException.class);
    }
  }

  @Test
  void itBeginsWhereTheViewsAre() throws Exception {
    log(begun(0, "t"));
    log(begun(1, "t1"));
    try (AccountFollower follower = follow(new Begin(1, position(0)))) {
      follower.start();
      hearAll();
      assertThat(told.positions()).containsExactly(position(1));
    }
  }

  /** What is missing is decided again, with all after it. */
  @Test
  void whatIsMissingIsNotTakenForHeard() throws Exception {
    log(begun(0, "t"));
    try (AccountFollower follower = follow(new Begin(0, Position.NONE))) {
      follower.start();
      hearAll();
      log(begun(2, "t2"));
      long gapNanos = nanos.addAndGet(Duration.ofSeconds(100).toNanos());
      int before = looks.get();
      until(() -> looks.get() > before + 5);
      log(ended(1));
      log(begun(2, "t2"));
      hearAll();
      assertThat(told.positions()).containsExactly(position(0), position(1), position(2));
      assertThat(told.positionsBeforeAll(gapNanos)).contains(3);
      assertThat(away("t2")).contains(PHONE);
      assertThat(away("t")).isEmpty();
    }
  }

  private AccountFollower follow(Begin begin) {
    return new AccountFollower(
        broker.access().clientConfig(),
        PARTITIONS,
        partition -> partition == PARTITION ? begin : new Begin(0, Position.NONE),
        told,
        () -> {
          looks.incrementAndGet();
          return nanos.get();
        });
  }

  /** Time passes until all that is logged now was heard. */
  private void hearAll() {
    long now = nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    until(() -> told.positionsBeforeAll(now).isPresent());
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private Optional<Session> away(String token) {
    return recent.read(
        token,
        () -> {
          throw new ViewsUnavailableException("away", null);
        });
  }

  private void log(AccountRecord record) throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                Topic.ACCOUNT_LOG.topicName(), PARTITION, record.key(), LogJson.encode(record)))
        .get();
  }

  private static Position position(long offset) {
    return Position.ofOffset(offset);
  }

  private static AccountRecord begun(long offset, String token) {
    return new AccountRecord.SessionCreated(
        position(offset), ALICE.value(), "c" + offset, true, ALICE, PHONE.device(), token, null, 0);
  }

  private static AccountRecord ended(long offset) {
    return new AccountRecord.DevicesDeleted(
        position(offset), ALICE.value(), "c" + offset, true, ALICE, List.of(PHONE.device()));
  }
}
