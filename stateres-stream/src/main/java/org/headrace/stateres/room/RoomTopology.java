package org.headrace.stateres.room;

import java.util.List;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.topology.machine.CommandType;
import org.headrace.topology.processor.MachineDefinition;

/** The room's topology: its input, its outputs and its machine. */
public final class RoomTopology {
  private RoomTopology() {}

  public static MachineDefinition<RoomCommand, RoomRecord> definition() {
    return new MachineDefinition<>(
        "stateres-stream",
        Topic.Family.ROOM,
        Topic.ROOM_COMMANDS,
        Topic.ROOM_LOG,
        Topic.ROOM_BODIES,
        RoomRecord.class,
        record -> record.withBody().isPresent(),
        List.of(
            Topic.ROOM_LOG,
            Topic.ROOM_BODIES,
            Topic.ROOM_EFFECTS,
            Topic.ROOM_COMMANDS,
            Topic.ACCOUNT_COMMANDS,
            Topic.ROOM_TICKS),
        CommandType.ROOM,
        RoomMachine::new);
  }
}
