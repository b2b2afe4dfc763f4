package org.headrace.topology.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.processor.MachineTopology;

/** One running topology. {@link Recovery} runs before it. */
public final class TopologyApp implements AutoCloseable {
  private final StreamsApp app;

  /**
   * @param clientConfig how to reach the brokers
   * @param traces are told of decisions
   * @param alarm told in one line when a thread dies of an exception and is replaced
   * @param fatal told in one line why this process must end; see {@link ThreadFailure}
   */
  public <C, R extends LogRecord> TopologyApp(
      MachineDefinition<C, R> definition,
      Partitions partitions,
      Map<String, Object> clientConfig,
      Path stateFolder,
      StreamsApp.Member member,
      Traces traces,
      Consumer<String> alarm,
      Consumer<String> fatal) {
    app =
        new StreamsApp(
            definition.name(),
            MachineTopology.of(definition, partitions, StreamsApp.CHANGELOG, traces),
            clientConfig,
            stateFolder,
            member,
            StreamsApp.Begin.NONE,
            alarm,
            fatal);
  }

  public void start() {
    app.start();
  }

  /** Waits until every task runs with its store restored. */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return app.awaitRunning(timeout);
  }

  /** Whether its tasks, of which it may have none, run with their stores restored. */
  public boolean isRunning() {
    return app.isRunning();
  }

  /** Whether it runs or comes to: false once nothing but a new process can help. */
  public boolean isAlive() {
    return app.isAlive();
  }

  /** What it measures; the names are Kafka Streams' own. */
  public Map<MetricName, ? extends Metric> metrics() {
    return app.metrics();
  }

  /** Stops deciding; as a static member it keeps its tasks for its session's time. */
  @Override
  public void close() {
    app.close();
  }
}
