package org.headrace.standalone.node;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.headrace.account.account.AccountTopology;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.log.ticks.TickWakeups;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.runner.Projector;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.broker.TopicsSetup;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.app.Recovery;
import org.headrace.topology.app.TopologyApp;
import org.headrace.topology.processor.MachineDefinition;

/**
 * All parts behind HTTP in one process, started in the order of a message's way backwards: what reads
 * is there before what writes.
 */
public final class Node implements AutoCloseable {
  /** How long a topology may take to run: after a power cut it restores its store first. */
  private static final Duration RUNNING_WAIT = Duration.ofMinutes(10);

  /** How long views may take to hold what the logs hold before requests are served anyway. */
  private static final Duration CAUGHT_UP_WAIT = Duration.ofSeconds(60);

  private static final int COMMAND_ID_BYTES = 16;
  private static final String INSTANCE = "standalone";

  /**
   * @param folder of the broker, the stores and the views
   * @param secret that the broker asks of its clients
   * @param partitions fixed for the life of the folder
   * @param flushCommands see {@link TopicsSetup#create}
   */
  public record Settings(
      Path folder, String secret, Partitions partitions, boolean flushCommands) {}

  private final Settings settings;
  private final Consumer<String> report;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final RocksViews views;
  private final KafkaCommandLog commands;
  private final TickWakeups wakeups = new TickWakeups();

  /** @param report takes a line for the operator about what was found or went wrong */
  public static Node start(Settings settings, Consumer<String> report)
      throws InterruptedException {
    return new Node(settings, report);
  }

  private Node(Settings settings, Consumer<String> report) throws InterruptedException {
    this.settings = settings;
    this.report = report;
    boolean started = false;
    try {
      Path folder = settings.folder();
      EmbeddedBroker broker =
          opened(EmbeddedBroker.start(folder.resolve("log"), settings.secret()));
      Map<String, Object> client = broker.clientConfig();
      Partitions partitions = settings.partitions();
      TopicsSetup.create(client, partitions, settings.flushCommands());
      views = opened(RocksViews.open(folder.resolve("views")));
      recover(RoomTopology.definition(), client);
      recover(AccountTopology.definition(), client);

      Outcomes outcomes = new Outcomes();
      opened(
              new TickReader(
                  client, partitions, List.of(outcomes::accept, wakeups::accept)))
          .start();
      Projector projector = opened(new Projector(client, partitions, views, report));
      projector.start();
      TopologyApp rooms = opened(topology(RoomTopology.definition(), client));
      TopologyApp accounts = opened(topology(AccountTopology.definition(), client));
      rooms.start();
      accounts.start();
      commands = opened(new KafkaCommandLog(client, partitions, outcomes, entropy()));
      if (!rooms.awaitRunning(RUNNING_WAIT) || !accounts.awaitRunning(RUNNING_WAIT)) {
        throw new IllegalStateException(
            "the topologies do not run after " + RUNNING_WAIT.toMinutes() + " minutes");
      }
      if (!projector.awaitCaughtUp(CAUGHT_UP_WAIT)) {
        report.accept("the views are behind the log; reads are stale until they have caught up");
      }
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  public RocksViews views() {
    return views;
  }

  public CommandLog commands() {
    return commands;
  }

  public Wakeups wakeups() {
    return wakeups;
  }

  public Partitions partitions() {
    return settings.partitions();
  }

  private <C, R extends LogRecord> void recover(
      MachineDefinition<C, R> definition, Map<String, Object> client) {
    Topic log = definition.log();
    new Recovery<>(
            definition,
            settings.partitions(),
            client,
            settings.folder().resolve("stores"),
            InstantSource.system())
        .run(partition -> views.checkpoint(log, partition).reached())
        .forEach(report);
  }

  private <C, R extends LogRecord> TopologyApp topology(
      MachineDefinition<C, R> definition, Map<String, Object> client) {
    return new TopologyApp(
        definition,
        settings.partitions(),
        client,
        settings.folder().resolve("stores"),
        INSTANCE,
        1,
        report);
  }

  private static Supplier<byte[]> entropy() {
    SecureRandom random = new SecureRandom();
    return () -> {
      byte[] bytes = new byte[COMMAND_ID_BYTES];
      random.nextBytes(bytes);
      return bytes;
    };
  }

  private <P extends AutoCloseable> P opened(P part) {
    parts.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        report.accept("while stopping: " + e);
      }
    }
  }
}
