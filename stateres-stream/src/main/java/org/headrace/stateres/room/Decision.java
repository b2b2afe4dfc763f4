package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;

/**
 * One command being decided: its records so far, each applied as it is made, and what goes beside.
 */
final class Decision {
  private final State state;
  private final RoomCommand command;
  private final Position first;
  private final RoomApply apply;
  private final List<RoomRecord> records = new ArrayList<>();
  private final List<Output> beside = new ArrayList<>();

  Decision(State state, RoomCommand command, Position first, RoomApply apply) {
    this.state = state;
    this.command = command;
    this.first = first;
    this.apply = apply;
  }

  State state() {
    return state;
  }

  RoomCommand command() {
    return command;
  }

  RoomId room() {
    return command.roomId();
  }

  /** The position of the record that comes next. */
  Position next() {
    return first.withOrdinal(first.ordinal() + records.size());
  }

  /** A record at {@link #next}, not said to be the last. */
  void add(RoomRecord record) {
    records.add(record);
    apply.apply(state, record);
  }

  /** A record of another topic, sent after those of the log. */
  void addBeside(Output output) {
    beside.add(output);
  }

  /** The outputs of a command with this outcome; it is recorded if nothing else was. */
  List<Output> settle(Outcome outcome) {
    if (records.isEmpty()) {
      add(new RoomRecord.CommandSettled(next(), room(), command.id(), false, outcome));
    }
    RoomRecord last = LastRecord.of(records.removeLast());
    records.add(last);
    List<Output> outputs = new ArrayList<>(records.size() + beside.size() + 1);
    for (RoomRecord record : records) {
      outputs.add(Output.log(Topic.ROOM_LOG, room().value(), record));
    }
    outputs.addAll(beside);
    Tick tick = new Tick.Decided(room().value(), command.id(), last.position(), outcome);
    outputs.add(Output.of(Topic.ROOM_TICKS, room().value(), tick));
    return outputs;
  }

  List<Output> refuse(Refusal refusal) {
    return settle(refusal.outcome());
  }

  static Outcome done() {
    return new Outcome.Done(Json.object());
  }

  static Outcome done(String member, String value) {
    ObjectNode result = Json.object();
    return new Outcome.Done(result.put(member, value));
  }
}
