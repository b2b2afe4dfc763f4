package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.MapState;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;

/**
 * A partition of the account topology in memory: decides commands in order and keeps its topics.
 */
final class Account {
  static final UserId ALICE = new UserId("@alice:example.org");
  static final UserId BOB = new UserId("@bob:example.org");
  static final DeviceId PHONE = new DeviceId("PHONE");
  static final DeviceId LAPTOP = new DeviceId("LAPTOP");
  static final RoomId ROOM = new RoomId("!room:example.org");
  static final String CURVE = "signed_curve25519";

  final AccountMachine machine = new AccountMachine();
  final MapState state = new MapState();
  final List<AccountRecord> log = new ArrayList<>();

  /** What compaction leaves of the items: the newest value of each key. */
  final SortedMap<String, AccountItem> items = new TreeMap<>();

  final List<RoomCommand> toRooms = new ArrayList<>();
  final List<AccountCommand> toSelf = new ArrayList<>();
  private long nextOffset;
  private int nextId;
  private List<AccountRecord> newest = List.of();

  String id() {
    return "command" + nextId++;
  }

  long ts() {
    return 1_700_000_000_000L + nextOffset;
  }

  /** Decides a command and checks what holds of every decision. */
  Outcome run(AccountCommand given) {
    // Over the wire and back, as the topology meets it.
    AccountCommand command = LogJson.decode(LogJson.encode(given), AccountCommand.class);
    Position at = Position.ofOffset(nextOffset++);
    MapState before = copy(state);
    List<Output> outputs = machine.decide(state, command, at);
    assertThat(bytes(machine.decide(before, command, at)))
        .as("decided again, to the same bytes")
        .isEqualTo(bytes(outputs));
    List<AccountRecord> records = new ArrayList<>();
    List<Tick.Decided> ticks = new ArrayList<>();
    for (Output output : outputs) {
      switch (output.topic()) {
        case ACCOUNT_LOG -> {
          assertThat(output.key()).isEqualTo(command.key());
          records.add(LogJson.decode(output.value(), AccountRecord.class));
        }
        case ACCOUNT_ITEMS -> {
          if (output.value() == null) {
            items.remove(output.key());
          } else {
            items.put(output.key(), LogJson.decode(output.value(), AccountItem.class));
          }
        }
        case ACCOUNT_TICKS -> ticks.add((Tick.Decided) LogJson.decode(output.value(), Tick.class));
        case ACCOUNT_COMMANDS -> toSelf.add(LogJson.decode(output.value(), AccountCommand.class));
        case ROOM_COMMANDS -> {
          RoomCommand sent = LogJson.decode(output.value(), RoomCommand.class);
          assertThat(output.key()).isEqualTo(sent.roomId().value());
          toRooms.add(sent);
        }
        default -> throw new AssertionError("output to " + output.topic());
      }
    }
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).position()).isEqualTo(at.withOrdinal(i));
      assertThat(records.get(i).last()).isEqualTo(i == records.size() - 1);
      assertThat(records.get(i).commandId()).isEqualTo(command.id());
    }
    assertThat(records).isNotEmpty();
    assertThat(ticks).hasSize(1);
    Tick.Decided tick = ticks.getFirst();
    assertThat(tick.commandId()).isEqualTo(command.id());
    assertThat(tick.key()).isEqualTo(command.key());
    assertThat(tick.position()).isEqualTo(records.getLast().position());
    log.addAll(records);
    newest = records;
    return tick.outcome();
  }

  ObjectNode done(AccountCommand command) {
    Outcome outcome = run(command);
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done) outcome).result();
  }

  void refused(AccountCommand command, Failure failure) {
    SortedMap<String, String> before = cells(state);
    Outcome outcome = run(command);
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(failure);
    assertThat(cells(state)).isEqualTo(before);
    assertThat(toRooms).isEmpty();
  }

  /** The records of the newest command. */
  List<AccountRecord> newest() {
    return newest;
  }

  /**
   * Runs what the account sent itself until nothing is left; returns how many commands that took.
   */
  int settle() {
    int steps = 0;
    while (!toSelf.isEmpty()) {
      done(toSelf.removeFirst());
      steps++;
    }
    return steps;
  }

  Position lastPosition() {
    return log.getLast().position();
  }

  /** The log in order, then the surviving items, make the same state. */
  void assertReplayIsEqual() {
    MapState replayed = new MapState();
    log.forEach(record -> machine.apply(replayed, record));
    items.values().forEach(item -> machine.applyItem(replayed, item));
    assertThat(cells(replayed)).isEqualTo(cells(state));
  }

  static SortedMap<String, String> cells(State state) {
    SortedMap<String, String> text = new TreeMap<>();
    state
        .cells("", Integer.MAX_VALUE)
        .forEach((key, value) -> text.put(key, new String(value, StandardCharsets.UTF_8)));
    return text;
  }

  private static MapState copy(State state) {
    MapState copy = new MapState();
    state.cells("", Integer.MAX_VALUE).forEach(copy::putCell);
    return copy;
  }

  private static List<String> bytes(List<Output> outputs) {
    return outputs.stream()
        .map(
            output ->
                output.topic()
                    + " "
                    + output.key()
                    + " "
                    + (output.value() == null
                        ? "-"
                        : new String(output.value(), StandardCharsets.UTF_8)))
        .toList();
  }

  // Commands in short.

  /** Registers with a first device. */
  Account with(UserId user, DeviceId device) {
    done(register(user, device));
    return this;
  }

  AccountCommand register(UserId user, DeviceId device) {
    return new AccountCommand.Register(
        id(), ts(), user, "hash", false, session(device, "token"), new TreeMap<>());
  }

  AccountCommand.Session session(DeviceId device, String token) {
    return new AccountCommand.Session(device, token, "Device");
  }

  AccountCommand login(UserId user, DeviceId device) {
    return new AccountCommand.CreateSession(id(), ts(), user, session(device, id()), null);
  }

  AccountCommand upload(
      DeviceId device, Map<String, String> oneTime, Map<String, String> fallback) {
    return new AccountCommand.UploadKeys(
        id(), ts(), ALICE, device, null, keys(oneTime), keys(fallback));
  }

  AccountCommand identity(DeviceId device, String key) {
    ObjectNode keys = Json.object();
    keys.put("user_id", ALICE.value()).put("device_id", device.value());
    keys.putObject("keys").put("ed25519:" + device, key);
    return new AccountCommand.UploadKeys(
        id(), ts(), ALICE, device, keys, new TreeMap<>(), new TreeMap<>());
  }

  AccountCommand claim(DeviceId device) {
    return new AccountCommand.ClaimKeys(
        id(), ts(), ALICE, new TreeMap<>(Map.of(device.value(), CURVE)));
  }

  /** What a claim gave for the device: key id to key; empty if none. */
  Map<String, String> claimed(DeviceId device) {
    Map<String, String> found = new TreeMap<>();
    done(claim(device))
        .path("devices")
        .path(device.value())
        .properties()
        .forEach(key -> found.put(key.getKey(), key.getValue().path("key").textValue()));
    return found;
  }

  AccountCommand send(Map<String, String> bodies, String dedupe) {
    TreeMap<String, ObjectNode> messages = new TreeMap<>();
    bodies.forEach((device, body) -> messages.put(device, Json.object().put("body", body)));
    return new AccountCommand.SendToDevice(id(), ts(), ALICE, BOB, "m.test", messages, dedupe);
  }

  List<AccountItem.ToDevice> waiting(DeviceId device) {
    return items.values().stream()
        .filter(AccountItem.ToDevice.class::isInstance)
        .map(AccountItem.ToDevice.class::cast)
        .filter(message -> message.device().equals(device))
        .toList();
  }

  AccountCommand note(RoomId room, String membership, long offset) {
    return new AccountCommand.NoteMembership(
        id(), ts(), ALICE, room, membership, Position.ofOffset(offset), null, null);
  }

  static SortedMap<String, JsonNode> keys(Map<String, String> byId) {
    TreeMap<String, JsonNode> keys = new TreeMap<>();
    byId.forEach((id, key) -> keys.put(CURVE + ":" + id, Json.object().put("key", key)));
    return keys;
  }
}
