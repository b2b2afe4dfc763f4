package org.headrace.account.account;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.PHONE;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.headrace.core.id.DeviceId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.processor.MachineTopology;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine in its topology, on the store that it runs on. */
class AccountTopologyTest {
  @TempDir private Path folder;
  private final Account account = new Account();
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> commands;

  @BeforeEach
  void start() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            MachineTopology.of(
                AccountTopology.definition(), new Partitions(1, 1), Map.of(), Traces.OFF),
            settings);
    commands =
        driver.createInputTopic(
            Topic.ACCOUNT_COMMANDS.topicName(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  private void send(AccountCommand command) {
    commands.pipeInput(command.key().getBytes(UTF_8), LogJson.encode(command));
  }

  private List<AccountRecord> log() {
    return driver
        .createOutputTopic(
            Topic.ACCOUNT_LOG.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readValuesToList()
        .stream()
        .map(bytes -> LogJson.decode(bytes, AccountRecord.class))
        .toList();
  }

  @Test
  void decidesAsTheMachineAloneAndGoesOnByCommandsToItself() {
    send(account.register(ALICE, PHONE));
    for (int i = 1; i <= Limits.DEVICES_PER_STEP_MAX; i++) {
      send(account.login(ALICE, new DeviceId("D" + i)));
    }
    send(account.upload(PHONE, Map.of("A", "a"), Map.of("F", "f")));
    send(account.claim(PHONE));
    send(account.send(Map.of("*", "hello"), "t"));
    send(account.register(ALICE, PHONE));
    send(new AccountCommand.EndSessions(account.id(), 1, ALICE, null));
    List<AccountRecord> records = log();
    // The last device went in a second step.
    assertThat(records.stream().filter(AccountRecord.DevicesDeleted.class::isInstance)).hasSize(2);
    for (int i = 1; i < records.size(); i++) {
      AccountRecord before = records.get(i - 1);
      Position expected =
          before.last()
              ? Position.ofOffset(before.position().offset() + 1)
              : before.position().withOrdinal(before.position().ordinal() + 1);
      assertThat(records.get(i).position()).isEqualTo(expected);
    }
    assertThat(records.getLast().last()).isTrue();
  }
}
