package org.headrace.log.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.headrace.log.LoggedLines;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator learns of one who cannot follow; what it hears is tested on a real broker. */
class AccountFollowerTest {
  private static final TopicPartition LOG = new TopicPartition(Topic.ACCOUNT_LOG.topicName(), 0);
  private static final KafkaException REFUSED =
      new TopicAuthorizationException(Set.of(LOG.topic()));

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
  private final LoggedLines logged = new LoggedLines(AccountFollower.class);
  private long nanos;
  private final AccountFollower follower =
      new AccountFollower(
          consumer,
          new Partitions(1, 1),
          partition -> new AccountFollower.Begin(0, Position.NONE),
          new Deaf(),
          () -> nanos);

  /** Does not mind what it is told. */
  private static final class Deaf implements AccountFollower.Listener {
    @Override
    public void heard(AccountRecord record) {}

    @Override
    public void heardAll(long nanos) {}
  }

  @BeforeEach
  void begin() {
    consumer.updateBeginningOffsets(Map.of(LOG, 0L));
    consumer.updateEndOffsets(Map.of(LOG, 0L));
    follower.begin();
  }

  @AfterEach
  void end() {
    logged.close();
  }

  @Test
  void thatItMayNotReadIsSaidOnceUntilItCan() {
    refuse();
    refuse();
    assertThat(logged.lines()).hasSize(1);
    assertThat(logged.lines().getFirst()).contains("may not be read", LOG.topic());
    follower.read();
    refuse();
    assertThat(logged.lines()).hasSize(2);
  }

  @Test
  void thatBrokersAreAwayIsNot() {
    follower.failed(new KafkaException("no broker"));
    assertThat(logged.lines()).isEmpty();
  }

  @Test
  void itMeasuresHowLongAgoItHadHeardAll() {
    assertThat(follower.heardAllAgoMillis()).isEmpty();
    follower.read();
    assertThat(follower.heardAllAgoMillis()).hasValue(0);
    pass(Duration.ofSeconds(5));
    assertThat(follower.heardAllAgoMillis()).hasValue(5_000);
    follower.read();
    assertThat(follower.heardAllAgoMillis()).hasValue(0);
  }

  private void refuse() {
    pass(Duration.ofSeconds(1));
    consumer.setPollException(REFUSED);
    assertThatThrownBy(follower::read).isSameAs(REFUSED);
    follower.failed(REFUSED);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
