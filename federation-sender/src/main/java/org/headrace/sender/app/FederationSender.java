package org.headrace.sender.app;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenants;
import org.headrace.sender.delivery.Assembly;
import org.headrace.sender.delivery.Deliveries;
import org.headrace.sender.delivery.TransactionClient;
import org.headrace.topology.app.StreamsApp;

/**
 * The sender: its topology and the deliveries that it feeds. At-least-once: after a crash a
 * transaction may be sent again, under the id of the same bytes.
 */
public final class FederationSender implements AutoCloseable {
  static final String NAME = "federation-sender";

  private final StreamsApp streams;
  private final KafkaStatusLog statuses;
  private final Deliveries deliveries;

  /**
   * @param rooms as the views have them
   * @param alarm told in one line what an operator must know
   * @param fatal told in one line why this process must end
   */
  public FederationSender(
      Tenants tenants,
      Partitions partitions,
      Map<String, Object> clientConfig,
      Path stateFolder,
      StreamsApp.Member member,
      RoomsView rooms,
      Assembly assembly,
      TransactionClient client,
      Consumer<String> alarm,
      Consumer<String> fatal) {
    statuses = new KafkaStatusLog(clientConfig, partitions);
    deliveries =
        new Deliveries(
            new StreamsQueueReader(this::streams),
            assembly,
            client,
            statuses,
            InstantSource.system(),
            RandomGenerator.getDefault(),
            alarm);
    // Who is in which room is told from the beginning on.
    streams =
        new StreamsApp(
            NAME,
            SenderTopology.of(tenants, rooms, deliveries, partitions, StreamsApp.CHANGELOG),
            clientConfig,
            stateFolder,
            member,
            StreamsApp.Begin.EARLIEST,
            alarm,
            fatal);
  }

  private StreamsApp streams() {
    return streams;
  }

  public void start() {
    streams.start();
  }

  /** Waits until the queues are restored. */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return streams.awaitRunning(timeout);
  }

  /** Whether its queues are restored and it sends. */
  public boolean isRunning() {
    return streams.isRunning();
  }

  /** Whether it runs or comes to: false once nothing but a new process can help. */
  public boolean isAlive() {
    return streams.isAlive();
  }

  @Override
  public void close() {
    deliveries.close();
    streams.close();
    statuses.close();
  }
}
