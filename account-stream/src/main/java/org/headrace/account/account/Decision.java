package org.headrace.account.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * What one command yields, collected in order. Each record and item is applied to the state as it
 * is added, so that the rest of the decision sees it. Refusals come before the first addition.
 */
final class Decision {
  /** Makes a record once its place among the command's records is known. */
  interface RecordMaker {
    AccountRecord at(Position position, boolean last);
  }

  private final State state;
  private final String key;
  private final String commandId;
  private final Position first;
  private final List<RecordMaker> makers = new ArrayList<>();
  private final List<Output> items = new ArrayList<>();
  private final List<Output> crossing = new ArrayList<>();
  private final List<String> itemsPut = new ArrayList<>();
  private final List<String> itemsRemoved = new ArrayList<>();
  private int itemOrdinal;
  private ObjectNode result = Json.object();

  Decision(State state, String key, String commandId, Position first) {
    this.state = state;
    this.key = key;
    this.commandId = commandId;
    this.first = first;
  }

  String key() {
    return key;
  }

  String commandId() {
    return commandId;
  }

  /** The position that the next record will have. */
  Position next() {
    return first.withOrdinal(first.ordinal() + makers.size());
  }

  void record(RecordMaker maker) {
    AccountFold.apply(state, maker.at(next(), false));
    makers.add(maker);
  }

  /** A position for the next item; distinct within the command. */
  Position nextItem() {
    return first.withOrdinal(itemOrdinal++);
  }

  void put(AccountItem item) {
    AccountFold.applyItem(state, item);
    items.add(Output.of(Topic.ACCOUNT_ITEMS, item.recordKey(), item));
    itemsPut.add(item.itemKey());
  }

  void remove(UserId user, String itemKey) {
    AccountFold.removeItem(state, user, itemKey);
    items.add(Output.tombstone(Topic.ACCOUNT_ITEMS, user + "|" + itemKey));
    itemsRemoved.add(itemKey);
  }

  /** Records which items were put and removed since the last time, if any. */
  void recordItems(UserId user, @Nullable String dedupe) {
    if (itemsPut.isEmpty() && itemsRemoved.isEmpty()) {
      return;
    }
    List<String> put = List.copyOf(itemsPut);
    List<String> removed = List.copyOf(itemsRemoved);
    itemsPut.clear();
    itemsRemoved.clear();
    record(
        (position, last) ->
            new AccountRecord.ItemsChanged(
                position, key, commandId, last, user, put, removed, dedupe));
  }

  void send(RoomId room, RoomCommand command) {
    crossing.add(Output.of(Topic.ROOM_COMMANDS, room.value(), command));
  }

  /** Sends the account a command that goes on with what this one leaves undone. */
  void sendToSelf(AccountCommand command) {
    crossing.add(Output.of(Topic.ACCOUNT_COMMANDS, command.key(), command));
  }

  /** The id of a command that crosses to another key, from the position of the record behind it. */
  static String crossingId(String key, Position position, String target) {
    return AccountFold.CROSSING + key + ":" + position.packed() + ":" + target;
  }

  void result(ObjectNode result) {
    this.result = result;
  }

  List<Output> done() {
    if (!itemsPut.isEmpty() || !itemsRemoved.isEmpty()) {
      throw new IllegalStateException("items that no record names");
    }
    if (makers.isEmpty()) {
      settle(new Outcome.Done(Json.object()));
    }
    return outputs(new Outcome.Done(result));
  }

  List<Output> fail(Failure failure, String message) {
    if (!makers.isEmpty() || !items.isEmpty() || !crossing.isEmpty()) {
      throw new IllegalStateException("refused after a change");
    }
    Outcome outcome = new Outcome.Failed(failure, message);
    settle(outcome);
    return outputs(outcome);
  }

  private void settle(Outcome outcome) {
    record(
        (position, last) ->
            new AccountRecord.CommandSettled(position, key, commandId, last, outcome));
  }

  private List<Output> outputs(Outcome outcome) {
    List<Output> outputs = new ArrayList<>(items);
    Position position = first;
    for (int i = 0; i < makers.size(); i++) {
      position = first.withOrdinal(first.ordinal() + i);
      AccountRecord record = makers.get(i).at(position, i == makers.size() - 1);
      outputs.add(Output.log(Topic.ACCOUNT_LOG, key, record));
    }
    outputs.addAll(crossing);
    outputs.add(
        Output.of(Topic.ACCOUNT_TICKS, key, new Tick.Decided(key, commandId, position, outcome)));
    return outputs;
  }
}
