package org.headrace.topology.processor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.RecordHeader;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.machine.CommandType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTopologyTest {
  private static final MachineDefinition<RoomCommand, RoomRecord> DEFINITION =
      new MachineDefinition<>(
          "counting",
          Topic.Family.ROOM,
          Topic.ROOM_COMMANDS,
          Topic.ROOM_LOG,
          Topic.ROOM_BODIES,
          RoomRecord.class,
          record -> true,
          List.of(Topic.ROOM_LOG, Topic.ROOM_BODIES),
          CommandType.ROOM,
          CountingMachine::new);

  @TempDir private Path folder;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> commands;
  private TestOutputTopic<byte[], byte[]> log;

  @BeforeEach
  void start() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            MachineTopology.of(DEFINITION, new Partitions(1, 1), Map.of(), Traces.OFF), settings);
    commands =
        driver.createInputTopic(
            "room.commands", new ByteArraySerializer(), new ByteArraySerializer());
    log =
        driver.createOutputTopic(
            "room.log", new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void everyCommandYieldsARecordAtItsPosition() {
    send("!a", "one");
    send("!b", "two");
    send("!a", "three");
    var records = log.readRecordsToList();
    assertThat(records).hasSize(3);
    for (int i = 0; i < 3; i++) {
      RoomRecord record = LogJson.decode(records.get(i).value(), RoomRecord.class);
      assertThat(record.position()).isEqualTo(Position.ofOffset(i));
      assertThat(
              RecordHeader.decode(
                  records.get(i).headers().lastHeader(RecordHeader.POSITION).value()))
          .isEqualTo(record.position());
    }
    assertThat(count(records.get(2).value())).isEqualTo(1);
  }

  @Test
  void aPoisonousCommandIsARecordedFailureAndChangesNothing() {
    send("!a", "one");
    send("!a", "poison");
    commands.pipeInput("!a".getBytes(UTF_8), "{\"kind\":\"no such\"}".getBytes(UTF_8));
    send("!a", "two");
    var records = log.readValuesToList();
    assertThat(records).hasSize(4);
    for (int i : List.of(1, 2)) {
      var record = (RoomRecord.CommandSettled) LogJson.decode(records.get(i), RoomRecord.class);
      assertThat(record.outcome()).isInstanceOf(Outcome.Failed.class);
    }
    assertThat(count(records.get(3))).isEqualTo(1);
  }

  @Test
  void aPadWhosePositionTheLogHasYieldsNothing() {
    commands.pipeInput(
        "!pad".getBytes(UTF_8),
        LogJson.encode(new RoomCommand.Pad("p", 0, new RoomId("!pad"), -1, List.of())));
    commands.pipeInput(
        "!pad".getBytes(UTF_8),
        LogJson.encode(new RoomCommand.Pad("q", 0, new RoomId("!pad"), 3, List.of())));
    var records = log.readValuesToList();
    assertThat(records).hasSize(1);
    assertThat(LogJson.decode(records.getFirst(), RoomRecord.class).position())
        .isEqualTo(Position.of(0, 1, 3));
  }

  @Test
  void aPadBringsBackWhatOnlyTheLogHas() {
    send("!a", "one");
    byte[] record = log.readValue();
    RoomRecord again =
        new RoomRecord.CommandSettled(
            Position.ofOffset(1),
            new RoomId("!a"),
            "lost",
            true,
            new Outcome.Done(Json.object().put("count", 7)));
    commands.pipeInput(
        "!pad".getBytes(UTF_8),
        LogJson.encode(CommandType.ROOM.pad("p", 0, -1, List.of(LogJson.encode(again)))));
    send("!a", "two");
    assertThat(count(record)).isZero();
    // Again into the log, which may have lost it by now.
    assertThat(log.readValue()).isEqualTo(LogJson.encode(again));
    assertThat(count(log.readValue())).isEqualTo(8);
  }

  @Test
  void whatACommandYieldsIsInItsTrace() {
    TraceContext cause = new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    RecordHeaders headers = new RecordHeaders();
    TraceContext.put(headers, cause);
    commands.pipeInput(new TestRecord<>("!a".getBytes(UTF_8), forget("!a", "one"), headers));
    send("!a", "two");
    var records = log.readRecordsToList();
    // Recorded nowhere here: what follows is of whoever sent the command.
    assertThat(TraceContext.of(records.getFirst().headers())).isEqualTo(cause);
    assertThat(TraceContext.of(records.getLast().headers())).isNull();
  }

  private static int count(byte[] record) {
    var settled = (RoomRecord.CommandSettled) LogJson.decode(record, RoomRecord.class);
    return ((Outcome.Done) settled.outcome()).result().path("count").asInt();
  }

  private void send(String room, String id) {
    commands.pipeInput(room.getBytes(UTF_8), forget(room, id));
  }

  private static byte[] forget(String room, String id) {
    return LogJson.encode(
        new RoomCommand.ForgetRoom(id, 0, new RoomId(room), new UserId("@a:one.example")));
  }
}
