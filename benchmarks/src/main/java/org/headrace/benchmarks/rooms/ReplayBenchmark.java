package org.headrace.benchmarks.rooms;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.headrace.core.dag.RoomDag;
import org.headrace.core.event.Pdu;
import org.headrace.core.roomversion.RoomVersion;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A room of 50,000 events from its first to its last: checks, states, resolution of forks. */
@SuppressWarnings("NullAway.Init") // JMH sets parameters, and calls setUp.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 10)
@Measurement(iterations = 3, time = 10)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx4g", "-XX:+UseSerialGC"})
public class ReplayBenchmark {
  private static final int EVENTS = 50_000;

  @Param({"11", "12"})
  String version;

  private RoomVersion roomVersion;
  private List<Pdu> events;

  @Setup
  public void setUp() {
    roomVersion = RoomVersion.find(version).orElseThrow();
    events = new LongRoom(roomVersion, EVENTS).events();
  }

  /** Events per second. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public String replay() {
    return RoomDag.of(roomVersion, events).replay().currentRoot();
  }
}
