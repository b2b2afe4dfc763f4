package org.headrace.benchmarks.rooms;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.StateEvents;
import org.headrace.core.stateres.TreeResolution;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Two forks that differ in k entries of a state of n entries, from their roots to the root of the
 * resolution: the time must follow k.
 */
@SuppressWarnings("NullAway.Init") // JMH sets parameters, and calls setUp.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx4g", "-XX:+UseSerialGC"})
public class ResolutionBenchmark {
  @Param({"11", "12"})
  String version;

  @Param({"100", "1000", "10000", "100000"})
  int entries;

  @Param({"1", "10", "100"})
  int differing;

  private ForkedRoom room;
  private TreeResolution resolution;
  private List<String> roots;

  @Setup
  public void setUp() {
    // A state of 100 entries has fewer members than that.
    room =
        new ForkedRoom(
            RoomVersion.find(version).orElseThrow(), Math.max(entries, differing + 4), differing);
    resolution =
        new TreeResolution(room.version, room.memory.tree, room.memory::write, events(room));
    roots = List.of(room.left, room.right);
  }

  @Benchmark
  public String resolve() {
    return resolution.resolve(roots);
  }

  static StateEvents events(ForkedRoom room) {
    return new StateEvents() {
      @Override
      public String rootBefore(EventId id) {
        return room.rootBefore(id);
      }

      @Override
      public Pdu event(EventId id) {
        return room.event(id);
      }

      @Override
      public boolean isRejected(EventId id) {
        return false;
      }

      @Override
      public long order(EventId id) {
        return room.index(id) + 1L;
      }
    };
  }
}
