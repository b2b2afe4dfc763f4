package org.headrace.stateres.room;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.processor.MachineTopology;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The room machine in its topology, with a real store. */
class RoomTopologyTest {
  private static final int MESSAGES = 200;

  @TempDir private Path folder;

  private static Topology topology() {
    return MachineTopology.of(
        RoomTopology.definition(), new Partitions(1, 1), Map.of(), Traces.OFF);
  }

  @Test
  void theStoreHoldsWhatAStateInMemoryDoes() {
    RoomFixture fixture = new RoomFixture("12");
    List<RoomCommand> commands = new ArrayList<>();
    commands.add(fixture.createCommand(null));
    for (int i = 0; i < MESSAGES; i++) {
      boolean isState = i % 5 == 0;
      commands.add(
          new RoomCommand.SendEvent(
              "send" + i,
              RoomFixture.TS + i,
              fixture.room,
              new RoomCommand.Draft(
                  RoomFixture.ALICE,
                  isState ? "m.type" + i : "m.room.message",
                  isState ? "" : null,
                  Json.object().put("body", "hello " + i)),
              null));
    }
    Properties settings = new Properties();
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    try (TopologyTestDriver driver = new TopologyTestDriver(topology(), settings)) {
      var input =
          driver.createInputTopic(
              Topic.ROOM_COMMANDS.topicName(),
              new ByteArraySerializer(),
              new ByteArraySerializer());
      var log =
          driver.createOutputTopic(
              Topic.ROOM_LOG.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      for (RoomCommand command : commands) {
        input.pipeInput(command.roomId().value().getBytes(UTF_8), LogJson.encode(command));
        fixture.decide(command);
      }
      List<byte[]> expected =
          fixture.outputs.stream()
              .filter(output -> output.topic() == Topic.ROOM_LOG)
              .map(output -> Objects.requireNonNull(output.value()))
              .toList();
      List<byte[]> found = log.readValuesToList();
      assertThat(found).hasSize(4 + MESSAGES).hasSameSizeAs(expected);
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  /** Names of nodes and stores are part of what lies on disk and in changelogs. */
  @Test
  void namesStayAsTheyAre() {
    assertThat(topology().describe().toString())
        .contains("Source: commands (topics: [room.commands])")
        .contains("Processor: decide (stores: [state])")
        .contains("Sink: to-room.log (topic: room.log)")
        .contains("Sink: to-room.bodies (topic: room.bodies)")
        .contains("Sink: to-room.effects (topic: room.effects)")
        .contains("Sink: to-room.ticks (topic: room.ticks)")
        .contains("Sink: to-account.commands (topic: account.commands)");
    assertThat(RoomTopology.definition().changelog()).isEqualTo("stateres-stream-state-changelog");
  }
}
