package org.headrace.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.headrace.account.account.AccountTopology;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.stateres.room.RoomMachine;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.machine.StateMachine;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.VersionedStore;

/** All parts over one log, taking turns as the seed says. */
final class World {
  static final Partitions PARTITIONS = new Partitions(2, 2);

  private static final int READ_AT_ONCE_MAX = 20;
  private static final long KEPT_SHORT_MILLIS = 3_000;

  /** How often what is still open is asked for when nothing else happens. */
  private static final int ROUNDS_AT_REST = 6;

  final FakeLog log = new FakeLog(PARTITIONS);
  final Faults faults;
  final List<Task<?, ?>> tasks = new ArrayList<>();
  final List<Reader> readers = new ArrayList<>();

  /** What readers had taken when the power went, by partition and position. */
  final Map<String, byte[]> shown = new TreeMap<>();

  /** How many ticks there were when the power last went, by partition. */
  final Map<Integer, Integer> ticksBefore = new TreeMap<>();

  private final Random random;
  private final Traffic traffic;

  /**
   * What a run is made of.
   *
   * @param crashProbability at each step of a task
   * @param crashAt the one step at which a task dies besides, or -1
   * @param rooms how room records become rows
   * @param roomMachine decides rooms' commands
   * @param federated whether rooms are also joined through other servers
   */
  record Setup(
      long seed,
      double crashProbability,
      long crashAt,
      Folds rooms,
      Supplier<StateMachine<RoomCommand, RoomRecord>> roomMachine,
      boolean federated) {
    /** Every fourth seed has several servers; all have with {@code -Dsimulation.federated=true}. */
    static Setup of(long seed, double crashProbability) {
      boolean federated = seed % 4 == 3 || Boolean.getBoolean("simulation.federated");
      return new Setup(seed, crashProbability, -1, new Folds.Rooms(), RoomMachine::new, federated);
    }

    /** Every third world drops old versions early: seconds of command time, not minutes. */
    long keptMillis() {
      return seed % 3 == 0 ? KEPT_SHORT_MILLIS : VersionedStore.VERSIONS_KEPT_MILLIS;
    }

    /** Calm but for one crash. */
    static Setup dyingAt(long seed, long step, boolean federated) {
      return new Setup(seed, 0, step, new Folds.Rooms(), RoomMachine::new, federated);
    }
  }

  World(Setup setup, RocksViews views) {
    random = new Random(setup.seed());
    faults = new Faults(new Random(setup.seed() + 1), setup.crashProbability());
    faults.dieAt(setup.crashAt());
    traffic = new Traffic(new Random(setup.seed() + 2), log, setup.federated());
    var rooms = roomDefinition(setup);
    for (int p = 0; p < PARTITIONS.count(Topic.Family.ROOM); p++) {
      tasks.add(new Task<>(rooms, p, log, faults, random, setup.keptMillis()));
      readers.add(new Reader(setup.rooms(), p, log, views));
    }
    for (int p = 0; p < PARTITIONS.count(Topic.Family.ACCOUNT); p++) {
      tasks.add(
          new Task<>(AccountTopology.definition(), p, log, faults, random, setup.keptMillis()));
      readers.add(new Reader(new Folds.Accounts(), p, log, views));
    }
  }

  private static MachineDefinition<RoomCommand, RoomRecord> roomDefinition(Setup setup) {
    var real = RoomTopology.definition();
    return new MachineDefinition<>(
        real.name(),
        real.family(),
        real.commands(),
        real.log(),
        real.beside(),
        real.recordType(),
        real.hasBeside(),
        real.outputs(),
        real.commandType(),
        setup.roomMachine());
  }

  /** Runs for so many turns, and then until nothing is left to do. */
  void run(int turns) {
    traffic.begin();
    for (int i = 0; i < turns; i++) {
      turn();
    }
    traffic.end();
    faults.calm();
    rest();
    for (int i = 0; i < ROUNDS_AT_REST; i++) {
      traffic.ask();
      rest();
    }
  }

  /** Runs on, with a power cut of the rooms' topics after so many turns, so often. */
  void runWithPowerCuts(int turns, int cuts, int recordsMax, ViewWriter views) {
    traffic.begin();
    for (int cut = 0; cut < cuts; cut++) {
      for (int i = 0; i < turns; i++) {
        turn();
      }
      powerCut(recordsMax, views);
    }
    for (int i = 0; i < turns; i++) {
      turn();
    }
    traffic.end();
    faults.calm();
    rest();
  }

  private void powerCut(int recordsMax, ViewWriter views) {
    for (int p = 0; p < PARTITIONS.rooms(); p++) {
      long shownUpTo = readers.get(p).shown();
      for (FakeLog.Entry entry : log.of(Topic.ROOM_LOG, p)) {
        if (entry.position().offset() <= shownUpTo) {
          shown.put(p + " " + entry.position(), Objects.requireNonNull(entry.value()));
        }
      }
      tasks.get(p).powerCut(recordsMax, shownUpTo);
      ticksBefore.put(p, log.of(Topic.ROOM_TICKS, p).size());
    }
    // The projector sees that its topics were cut, and folds them again.
    views.drop(Topic.Family.ROOM);
    readers.forEach(Reader::restart);
  }

  private void turn() {
    int dice = random.nextInt(100);
    if (dice < 35) {
      traffic.step();
    } else if (dice < 75) {
      tasks.get(random.nextInt(tasks.size())).process();
    } else if (dice < 85) {
      tasks.get(random.nextInt(tasks.size())).flushSome();
    } else if (dice < 90) {
      tasks.get(random.nextInt(tasks.size())).commit();
    } else {
      Reader reader = readers.get(random.nextInt(readers.size()));
      if (random.nextInt(10) == 0) {
        reader.restart();
      }
      reader.read(random, READ_AT_ONCE_MAX);
    }
  }

  /** Everything published is decided, sent and read. */
  private void rest() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (Task<?, ?> task : tasks) {
        while (!task.isIdle()) {
          task.process();
          busy = true;
        }
        busy |= !task.commit();
      }
    }
    readers.forEach(Reader::readAll);
  }
}
