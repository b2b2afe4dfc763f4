package org.headrace.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.account.account.AccountTopology;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.rocksdb.ViewRows;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.schema.tick.Tick;
import org.headrace.simulation.world.FakeLog.Entry;
import org.headrace.stateres.room.RoomProbe;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.machine.MapState;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.StateMachine;
import org.headrace.topology.processor.MachineDefinition;

/** What must hold of a world at rest. */
final class Checker {
  private final World world;
  private final RocksViews views;
  private final Map<String, Integer> counts = new TreeMap<>();

  Checker(World world, RocksViews views) {
    this.world = world;
    this.views = views;
  }

  /** How often the run met what it is meant to try. */
  Map<String, Integer> counts() {
    return counts;
  }

  /**
   * @param fresh views without a row
   */
  void check(Folds rooms, RocksViews fresh) {
    List<MapState> states = new ArrayList<>();
    for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
      states.add(checkLog(RoomTopology.definition(), rooms, p));
      checkReplay(p, states.get(p));
      checkAcknowledged(p);
      checkStore(p, states.get(p));
    }
    for (int p = 0; p < World.PARTITIONS.accounts(); p++) {
      checkLog(AccountTopology.definition(), new Folds.Accounts(), p);
    }
    checkViews(rooms, fresh);
    for (int p = 0; p < states.size(); p++) {
      checkStateViews(p, states.get(p));
    }
  }

  /**
   * What must hold after power cuts, which take commands away: log, store and views agree, and what
   * is acknowledged afterwards is there.
   */
  void checkAfterPowerCuts(Folds rooms, RocksViews fresh) {
    List<MapState> states = new ArrayList<>();
    for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
      TreeMap<Position, byte[]> found = new TreeMap<>();
      for (Entry entry : world.log.of(Topic.ROOM_LOG, p)) {
        byte[] value = Objects.requireNonNull(entry.value());
        byte[] earlier = found.putIfAbsent(entry.position(), value);
        if (earlier != null) {
          assertSame(Topic.ROOM_LOG, entry.position(), earlier, value);
        }
      }
      checkShownPositions(p, found);
      MapState replayed = new MapState();
      var machine = RoomTopology.definition().newMachine().get();
      records(p).values().forEach(record -> machine.apply(replayed, record));
      checkStore(p, replayed);
      states.add(replayed);
      checkAcknowledged(p);
    }
    checkViews(rooms, fresh);
    for (int p = 0; p < states.size(); p++) {
      checkStateViews(p, states.get(p));
    }
  }

  /** No event stands where readers had seen something else. */
  private void checkShownPositions(int partition, TreeMap<Position, byte[]> found) {
    found.forEach(
        (position, value) -> {
          byte[] shown = world.shown.get(partition + " " + position);
          boolean isEvent =
              LogJson.decode(value, RoomRecord.class) instanceof RoomRecord.EventDecided;
          if (shown != null && isEvent) {
            assertSame(Topic.ROOM_LOG, position, shown, value);
          }
        });
  }

  /**
   * The log is, position by position and byte by byte, what one machine that never crashed decides
   * of the same commands; none is missing, none is used for two things.
   */
  private <C, R extends LogRecord> MapState checkLog(
      MachineDefinition<C, R> definition, Folds folds, int partition) {
    TreeMap<Position, byte[]> found = new TreeMap<>();
    for (Entry entry : world.log.of(definition.log(), partition)) {
      byte[] value = Objects.requireNonNull(entry.value());
      Position position = folds.decode(value).position();
      byte[] earlier = found.putIfAbsent(position, value);
      if (earlier != null) {
        count("repeated records");
        assertSame(definition.log(), position, earlier, value);
      }
    }
    MapState state = new MapState();
    StateMachine<C, R> machine = definition.newMachine().get();
    List<Entry> commands = world.log.of(definition.commands(), partition);
    int records = 0;
    for (int offset = 0; offset < commands.size(); offset++) {
      C command =
          definition.commandType().decode(Objects.requireNonNull(commands.get(offset).value()));
      for (Output output : machine.decide(state, command, Position.ofOffset(offset))) {
        if (output.record() != null) {
          records++;
          byte[] value = Objects.requireNonNull(output.value());
          Position position = output.record().position();
          assertSame(definition.log(), position, found.get(position), value);
        }
      }
    }
    assertThat(found).as("positions of " + definition.log()).hasSize(records);
    return state;
  }

  private static void assertSame(Topic topic, Position position, byte[] expected, byte[] actual) {
    if (!Arrays.equals(expected, actual)) {
      throw new AssertionError(
          topic
              + " differs at "
              + position
              + ":\n"
              + (expected == null ? "nothing" : new String(expected))
              + "\n"
              + new String(actual));
    }
  }

  /** Applying the room log gives the state that deciding gave, with all its roots. */
  private void checkReplay(int partition, MapState decided) {
    MapState replayed = new MapState();
    var machine = RoomTopology.definition().newMachine().get();
    for (RoomRecord record : records(partition).values()) {
      machine.apply(replayed, record);
    }
    assertThat(replayed.contents()).isEqualTo(decided.contents());
  }

  private TreeMap<Position, RoomRecord> records(int partition) {
    TreeMap<Position, RoomRecord> records = new TreeMap<>();
    for (Entry entry : world.log.of(Topic.ROOM_LOG, partition)) {
      RoomRecord record = LogJson.decode(Objects.requireNonNull(entry.value()), RoomRecord.class);
      records.put(record.position(), record);
    }
    return records;
  }

  /** Each event that a client was told of is in the log once and can be seen. */
  private void checkAcknowledged(int partition) {
    Map<EventId, Integer> decided = new TreeMap<>();
    Map<EventId, RoomRecord.EventDecided> events = new TreeMap<>();
    Set<EventId> outliers = new TreeSet<>();
    for (RoomRecord record : records(partition).values()) {
      count(record.getClass().getSimpleName());
      if (record instanceof RoomRecord.OutlierDecided outlier) {
        outliers.add(outlier.eventId());
      }
      if (record instanceof RoomRecord.EventDecided event) {
        count(event.verdict().name());
        count(event.before() != null && event.before().base() != null ? "past" : "present");
        count(event.extremities().size() > 1 ? "forked" : "linear");
        decided.merge(event.eventId(), 1, Integer::sum);
        events.put(event.eventId(), event);
      }
    }
    Map<String, Outcome> outcomes = new TreeMap<>();
    Map<RoomId, List<EventId>> timelines = new TreeMap<>();
    List<Entry> ticks = world.log.of(Topic.ROOM_TICKS, partition);
    int from = world.ticksBefore.getOrDefault(partition, 0);
    for (Entry entry : ticks.subList(from, ticks.size())) {
      Tick tick = LogJson.decode(Objects.requireNonNull(entry.value()), Tick.class);
      if (!(tick instanceof Tick.Decided told)) {
        continue;
      }
      if (told.outcome() instanceof Outcome.Done done && done.result().has("event_id")) {
        EventId id = new EventId(done.result().path("event_id").asText());
        if (done.result().path("verdict").asText().equals("WAITING")) {
          continue;
        }
        Outcome earlier = outcomes.putIfAbsent(told.commandId(), done);
        if (earlier != null) {
          assertThat(done.result().path("event_id"))
              .as("outcome of " + told.commandId())
              .isEqualTo(((Outcome.Done) earlier).result().path("event_id"));
        }
        if (decided.get(id) == null && outliers.contains(id)) {
          continue; // A membership that needed no event: a join has brought it.
        }
        assertThat(decided.get(id)).as("acknowledged " + id).isEqualTo(1);
        RoomRecord.EventDecided event = Objects.requireNonNull(events.get(id));
        long shown =
            timelines.computeIfAbsent(event.roomId(), this::timeline).stream()
                .filter(id::equals)
                .count();
        assertThat(shown).as("times " + id + " is shown").isEqualTo(isShown(event) ? 1 : 0);
        count("acknowledged");
      }
    }
  }

  private List<EventId> timeline(RoomId room) {
    return views.timeline().oldest(room, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE).stream()
        .map(EventRow::eventId)
        .toList();
  }

  private static boolean isShown(RoomRecord.EventDecided event) {
    return event.verdict() == Verdict.ACCEPTED;
  }

  /** The store that crashed and came back holds the same heads. */
  private void checkStore(int partition, MapState decided) {
    Task<?, ?> task = world.tasks.get(partition);
    var stored = task.store().at(Position.of(0, Position.OFFSETS_MAX - 1, 0));
    var expected = decided.cells("", Integer.MAX_VALUE - 1);
    expected.forEach(
        (key, value) -> assertThat(stored.cell(key)).as("cell " + key).isEqualTo(value));
    assertThat(stored.cells("", Integer.MAX_VALUE - 1).keySet()).isEqualTo(expected.keySet());
    long entries =
        decided.contents().keySet().stream().filter(key -> key.startsWith("entry ")).count();
    assertThat(task.entries()).as("entries of partition " + partition).isEqualTo(entries);
  }

  /** Folding from the beginning gives the same rows, also where topics were compacted. */
  private void checkViews(Folds rooms, RocksViews fresh) {
    FakeLog compacted = new FakeLog(World.PARTITIONS);
    for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
      copy(rooms.log(), p, compacted, false);
      copy(rooms.beside(), p, compacted, true);
      new Reader(new Folds.Rooms(), p, compacted, fresh).readAll();
    }
    Folds accounts = new Folds.Accounts();
    for (int p = 0; p < World.PARTITIONS.accounts(); p++) {
      copy(accounts.log(), p, compacted, false);
      copy(accounts.beside(), p, compacted, false);
      new Reader(accounts, p, compacted, fresh).readAll();
    }
    assertThat(ViewRows.of(views)).isEqualTo(ViewRows.of(fresh));
  }

  private void copy(Topic topic, int partition, FakeLog to, boolean compact) {
    List<Entry> entries = world.log.of(topic, partition);
    Map<String, Integer> newest = new TreeMap<>();
    for (int i = 0; i < entries.size(); i++) {
      newest.put(entries.get(i).key(), i);
    }
    for (int i = 0; i < entries.size(); i++) {
      if (!compact || Objects.equals(newest.get(entries.get(i).key()), i)) {
        to.of(topic, partition).add(entries.get(i));
      }
    }
  }

  /** The state that readers see is the one under the room's root. */
  private void checkStateViews(int partition, MapState decided) {
    TreeMap<RoomId, Position> rooms = new TreeMap<>();
    for (RoomRecord record : records(partition).values()) {
      if (record instanceof RoomRecord.EventDecided
          || record instanceof RoomRecord.StateMoved
          || record instanceof RoomRecord.RoomUndone) {
        rooms.put(record.roomId(), record.position());
      }
      if (record instanceof RoomRecord.EventDecided event && event.verdict() == Verdict.ACCEPTED) {
        checkStateBefore(event, decided);
      }
    }
    rooms.forEach(
        (room, last) -> {
          Map<StateKey, EventId> seen = new TreeMap<>();
          for (StateView.Entry entry : views.state().all(room, last)) {
            seen.put(entry.key(), entry.eventId());
          }
          assertThat(seen).as("state of " + room).isEqualTo(RoomProbe.state(decided, room));
          count("rooms");
        });
  }

  /** So is the state before each event, of the past too. */
  private void checkStateBefore(RoomRecord.EventDecided event, MapState decided) {
    Map<StateKey, EventId> seen = new TreeMap<>();
    for (StateView.Entry entry : views.state().allBefore(event.roomId(), event.eventId())) {
      seen.put(entry.key(), entry.eventId());
    }
    assertThat(seen)
        .as("state before " + event.eventId() + " at " + event.position())
        .isEqualTo(RoomProbe.stateBefore(decided, event.roomId(), event.eventId()));
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }
}
