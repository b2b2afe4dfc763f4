package org.headrace.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics of a deployment, planned and made on a real broker. */
class TopicPlanTest {
  private static final Partitions PARTITIONS = new Partitions(3, 2);
  private static final WantedTopics WANTED = new WantedTopics(PARTITIONS, (short) 1, 1);
  private static final String LOG = Topic.ROOM_LOG.topicName();

  @TempDir Path data;

  private final List<String> alarms = new ArrayList<>();
  private EmbeddedBroker broker;
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start(data);
    admin = Admin.create(broker.access().clientConfig());
  }

  @AfterEach
  void stop() {
    admin.close();
    broker.close();
  }

  @Test
  void whatIsPlannedIsDoneOnce() throws Exception {
    assertThatThrownBy(this::check).hasMessageContaining("topics apply makes them");
    TopicPlan plan = TopicPlan.of(admin, WANTED);
    assertThat(plan.problems()).isEmpty();
    assertThat(plan.lines())
        .anyMatch(line -> line.startsWith("make " + LOG + ": 3 partitions on 1 brokers each"))
        .anyMatch(line -> line.contains("begin at the first of"));
    assertThat(admin.listTopics().names().get()).as("planning does nothing").isEmpty();

    plan.apply(admin);
    awaitNothingToDo();
    assertThat(check()).isEqualTo(PARTITIONS);
    assertThat(alarms).as("of one broker").isEmpty();
    TopicPlan again = TopicPlan.of(admin, WANTED);
    again.apply(admin);
    assertThat(TopicPlan.of(admin, WANTED).lines()).isEmpty();
  }

  @Test
  void whatWasChangedByHandStopsAStartAndIsMended() throws Exception {
    TopicPlan.of(admin, WANTED).apply(admin);
    awaitNothingToDo();
    set(LOG, TopicConfig.RETENTION_MS_CONFIG, "1000");
    awaitPlan("set retention.ms of " + LOG + " to -1, now 1000");
    assertThatThrownBy(this::check)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("retention.ms of " + LOG + " is 1000, must be -1");

    TopicPlan.of(admin, WANTED).apply(admin);
    awaitNothingToDo();
    assertThat(check()).isEqualTo(PARTITIONS);
  }

  @Test
  void whatCannotBeMendedIsSaid() throws Exception {
    TopicPlan.of(admin, WANTED).apply(admin);
    awaitNothingToDo();
    List<String> problems =
        TopicPlan.of(admin, new WantedTopics(new Partitions(4, 2), (short) 3, 2)).problems();
    assertThat(problems)
        .contains(
            LOG + " has 3 partitions, must have 4, and they are fixed for the life of the data",
            LOG + " is on 1 brokers, should be on 3: reassign its partitions");
  }

  @Test
  void whoHasSeveralBrokersIsWarnedOfWhatOneCouldTake() {
    Map<String, Integer> one = new TreeMap<>(Map.of("a", 1, "b", 3, "c", 2));
    Map<String, Integer> two = new TreeMap<>(Map.of("a", 2, "b", 2, "c", 1));
    List<String> warnings = TopicPlan.warnings(3, one, two);
    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).startsWith("a and 1 more topics are on fewer than 3 brokers each");
    assertThat(warnings.get(1)).startsWith("c is acknowledged").contains("min.insync.replicas");
    assertThat(TopicPlan.warnings(1, one, two)).isEmpty();
    assertThat(TopicPlan.warnings(3, Map.of("a", 3), Map.of("a", 2))).isEmpty();
  }

  private Partitions check() throws InterruptedException {
    return TopicPlan.check(broker.access().clientConfig(), alarms::add);
  }

  private void set(String topic, String key, String value) throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  /** The broker takes over from its controller what is made, some time after it is made. */
  private void awaitNothingToDo() throws Exception {
    await(List.of());
  }

  private void awaitPlan(String line) throws Exception {
    await(List.of(line));
  }

  private void await(List<String> lines) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!TopicPlan.of(admin, WANTED).lines().equals(lines)) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
