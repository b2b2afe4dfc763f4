package org.headrace.topology.processor;

import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.headrace.topology.machine.StateMachine;

/** The smallest machine: numbers a room's commands, and fails at a command called "poison". */
final class CountingMachine implements StateMachine<RoomCommand, RoomRecord> {
  @Override
  public List<Output> decide(State state, RoomCommand command, Position at) {
    if (command.id().equals("poison")) {
      state.putCell(command.roomId().value(), new byte[] {99});
      throw new IllegalStateException("poisoned");
    }
    byte[] cell = state.cell(command.roomId().value());
    int count = cell == null ? 0 : cell[0] + 1;
    var result = Json.object().put("count", count);
    var record =
        new RoomRecord.CommandSettled(
            at, command.roomId(), command.id(), true, new Outcome.Done(result));
    apply(state, record);
    List<Output> outputs = new ArrayList<>();
    outputs.add(Output.log(Topic.ROOM_LOG, command.roomId().value(), record));
    outputs.add(Output.of(Topic.ROOM_BODIES, command.roomId() + "|" + command.id(), result));
    return outputs;
  }

  @Override
  public List<Output> refuse(
      String key, RoomCommand command, Position at, Failure failure, String message) {
    String commandId = command == null ? "" : command.id();
    var record =
        new RoomRecord.CommandSettled(
            at, new RoomId(key), commandId, true, new Outcome.Failed(failure, message));
    return List.of(Output.log(Topic.ROOM_LOG, key, record));
  }

  @Override
  public void apply(State state, RoomRecord record) {
    if (record instanceof RoomRecord.CommandSettled settled
        && settled.outcome() instanceof Outcome.Done done) {
      state.putCell(
          record.roomId().value(), new byte[] {(byte) done.result().path("count").asInt()});
    }
  }

  @Override
  public void applyBeside(State state, String key, byte[] value) {}
}
