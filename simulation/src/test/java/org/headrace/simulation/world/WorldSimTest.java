package org.headrace.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.headrace.projections.fold.RowChange;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.stateres.room.RoomMachine;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;
import org.headrace.topology.machine.StateMachine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs worlds under seeds: {@code -Dsimulation.seeds=20000} for many, {@code -Dsimulation.first=N}
 * to begin at a seed, such as one that failed. The short world dies once at each of its steps.
 */
class WorldSimTest {
  private static final int SEEDS_IN_BUILD = 200;
  private static final int POWER_CUT_SEEDS_IN_BUILD = 50;
  private static final int POWER_CUTS_MAX = 3;
  private static final int TURNS = 250;
  private static final int TURNS_SHORT = 100;
  private static final double CRASH_PROBABILITY = 0.008;
  private static final int CANARY_SEEDS_MAX = 50;
  private static final long FEDERATED_SEED = 1;

  @TempDir Path folder;

  @Test
  void everySeedKeepsWhatWasPromised() {
    long first = Long.getLong("simulation.first", 0);
    long seeds = Long.getLong("simulation.seeds", SEEDS_IN_BUILD);
    try (Worlds worlds = new Worlds(folder)) {
      for (long seed = first; seed < first + seeds; seed++) {
        worlds.run(World.Setup.of(seed, CRASH_PROBABILITY), TURNS);
      }
      System.out.println("simulation, seeds from " + first + ": " + worlds.counts());
      if (seeds >= 20) {
        assertThat(worlds.counts())
            .as("what the seeds tried")
            .containsKeys(
                "crashes",
                "repeated records",
                "acknowledged",
                "forked",
                "SOFT_FAILED",
                "REJECTED",
                "EventWaiting",
                "WaitingExpired",
                "EventRedacted",
                "CommandSettled",
                "OutlierDecided",
                "JoiningState",
                "JoinDropped",
                "StateMoved",
                "GapChanged",
                "EventMinted",
                "MintedDropped",
                "RemoteMembership",
                "past");
      }
    }
  }

  @Test
  void aCrashAtEachStepChangesNothing() {
    crashAtEachStep(1, false);
  }

  @Test
  void aCrashAtEachStepAmongServersChangesNothing() {
    crashAtEachStep(FEDERATED_SEED, true);
  }

  private void crashAtEachStep(long seed, boolean federated) {
    long stride = Long.getLong("simulation.stride", 1);
    try (Worlds worlds = new Worlds(folder)) {
      long steps = worlds.run(World.Setup.dyingAt(seed, -1, federated), TURNS_SHORT);
      for (long step = 1; step <= steps; step += stride) {
        worlds.run(World.Setup.dyingAt(seed, step, federated), TURNS_SHORT);
      }
      System.out.println("simulation, a crash at each step: " + worlds.counts());
      assertThat(worlds.counts().get("crashes")).isEqualTo(worlds.counts().get("worlds") - 1);
    }
  }

  /** Commands, log, bodies and changelog each lose another length of their ends, up to thrice. */
  @Test
  void powerCutsLeaveLogStoreAndViewsInAgreement() {
    long first = Long.getLong("simulation.first", 0);
    long seeds = Long.getLong("simulation.seeds", POWER_CUT_SEEDS_IN_BUILD);
    try (Worlds worlds = new Worlds(folder)) {
      for (long seed = first; seed < first + seeds; seed++) {
        int recordsMax = seed % 2 == 0 ? 5 : 40;
        worlds.runWithPowerCuts(
            World.Setup.of(seed, CRASH_PROBABILITY),
            TURNS_SHORT,
            1 + (int) (seed / 2 % POWER_CUTS_MAX),
            recordsMax);
      }
      System.out.println("simulation, power cuts: " + worlds.counts());
    }
  }

  /** Forgets what a fork took from the current state. */
  private static final class ForgetfulFold extends Folds.Rooms {
    @Override
    public List<RowChange> log(LogRecord record) {
      List<RowChange> rows = new ArrayList<>(super.log(record));
      if (record instanceof RoomRecord.EventDecided event && event.before() != null) {
        rows.removeIf(RowChange.StatePut.class::isInstance);
      }
      return rows;
    }
  }

  /** Depends on how often it was called, and so on crashes of the reader. */
  private static final class CountingFold extends Folds.Rooms {
    private int calls;

    @Override
    public List<RowChange> log(LogRecord record) {
      return ++calls % 50 == 0 ? List.of() : super.log(record);
    }
  }

  /** Takes a join's state for one that an event changed. */
  private static final class EventfulFold extends Folds.Rooms {
    @Override
    public List<RowChange> log(LogRecord record) {
      List<RowChange> rows = new ArrayList<>(super.log(record));
      if (record instanceof RoomRecord.StateMoved) {
        rows.removeIf(RowChange.StatePut.class::isInstance);
      }
      return rows;
    }
  }

  @Test
  void aBrokenFoldIsCaught() {
    assertCaught(seed -> broken(seed, new ForgetfulFold(), false));
    assertCaught(seed -> broken(seed, new CountingFold(), false));
    assertCaught(seed -> broken(seed, new EventfulFold(), true));
  }

  private static World.Setup broken(long seed, Folds rooms, boolean federated) {
    return new World.Setup(seed, 0, -1, rooms, RoomMachine::new, federated);
  }

  /** Remembers commands beside the state, so that one decided again meets its own future. */
  private static final class PrescientMachine implements StateMachine<RoomCommand, RoomRecord> {
    private final Map<String, Integer> seen;
    private final RoomMachine machine = new RoomMachine();

    PrescientMachine(Map<String, Integer> seen) {
      this.seen = seen;
    }

    @Override
    public List<Output> decide(State state, RoomCommand command, Position at) {
      return seen.merge(at + command.id(), 1, Integer::sum) > 1
          ? machine.refuse(
              command.roomId().value(), command, at, Failure.BAD_STATE, "known already")
          : machine.decide(state, command, at);
    }

    @Override
    public List<Output> refuse(
        String key, @Nullable RoomCommand command, Position at, Failure failure, String message) {
      return machine.refuse(key, command, at, failure, message);
    }

    @Override
    public void apply(State state, RoomRecord record) {
      machine.apply(state, record);
    }

    @Override
    public void applyBeside(State state, String key, byte @Nullable [] value) {
      machine.applyBeside(state, key, value);
    }
  }

  @Test
  void aMachineThatSeesItsFutureIsCaught() {
    assertCaught(
        seed -> {
          Map<String, Integer> seen = new HashMap<>();
          return new World.Setup(
              seed,
              CRASH_PROBABILITY,
              -1,
              new Folds.Rooms(),
              () -> new PrescientMachine(seen),
              false);
        });
  }

  /** A world of its own for each seed. */
  private interface Broken {
    World.Setup of(long seed);
  }

  private void assertCaught(Broken broken) {
    assertThatThrownBy(
            () -> {
              try (Worlds worlds = new Worlds(folder)) {
                for (long seed = 0; seed < CANARY_SEEDS_MAX; seed++) {
                  worlds.run(broken.of(seed), TURNS);
                }
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("seed ");
  }
}
