package org.headrace.simulation.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.rocksdb.ViewRows;
import org.headrace.schema.log.Topic;
import org.jspecify.annotations.Nullable;

/** Runs and checks one world after the other, on views that are emptied in between. */
final class Worlds implements AutoCloseable {
  /** Emptying leaves marks in RocksDB that make it slower, so it is made anew after so many. */
  private static final int WORLDS_PER_DATABASE = 50;

  private final Path folder;
  private final Map<String, Integer> counts = new TreeMap<>();
  private @Nullable RocksViews live;
  private @Nullable RocksViews fresh;
  private int worlds;

  Worlds(Path folder) {
    this.folder = folder;
  }

  /** How often all runs together met what they are meant to try. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** Builds, runs and checks; returns the steps at which a task could have died. */
  long run(World.Setup setup, int turns) {
    return run(
        setup,
        (world, views) -> world.run(setup.federated() ? 2 * turns : turns),
        (checker, empty) -> checker.check(setup.rooms(), empty));
  }

  /** The same with power cuts, each after so many turns. */
  void runWithPowerCuts(World.Setup setup, int turns, int cuts, int recordsMax) {
    run(
        setup,
        (world, views) -> world.runWithPowerCuts(turns, cuts, recordsMax, views),
        (checker, empty) -> checker.checkAfterPowerCuts(setup.rooms(), empty));
  }

  private long run(
      World.Setup setup,
      BiConsumer<World, RocksViews> course,
      BiConsumer<Checker, RocksViews> check) {
    if (worlds++ % WORLDS_PER_DATABASE == 0) {
      close();
      live = RocksViews.open(folder.resolve("live"));
      fresh = RocksViews.open(folder.resolve("fresh"));
    }
    RocksViews views = Objects.requireNonNull(live);
    RocksViews empty = Objects.requireNonNull(fresh);
    ViewRows.clear(views);
    ViewRows.clear(empty);
    World world = new World(setup, views);
    try {
      course.accept(world, views);
      Checker checker = new Checker(world, views);
      check.accept(checker, empty);
      checker.counts().forEach((what, n) -> counts.merge(what, n, Integer::sum));
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + setup.seed() + ": " + e.getMessage(), e);
    }
    counts.merge("crashes", world.faults.crashes(), Integer::sum);
    counts.merge("worlds", 1, Integer::sum);
    world.tasks.forEach(task -> counts.merge("rebuilds", task.rebuilds(), Integer::sum));
    for (int p = 0; p < World.PARTITIONS.rooms(); p++) {
      int commands = world.log.of(Topic.ROOM_COMMANDS, p).size();
      counts.merge("room commands", commands, Integer::sum);
    }
    return world.faults.steps();
  }

  @Override
  public void close() {
    for (RocksViews views : new RocksViews[] {live, fresh}) {
      if (views != null) {
        views.close();
      }
    }
    live = null;
    fresh = null;
    for (String name : List.of("live", "fresh")) {
      delete(folder.resolve(name));
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
