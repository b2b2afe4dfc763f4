package org.headrace.standalone.app;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.headrace.account.account.AccountTopology;
import org.headrace.log.effects.EffectReader;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.log.ticks.TickWakeups;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.runner.Projector;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.LogRecord;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.broker.TopicCatalogue;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.app.Recovery;
import org.headrace.topology.app.TopologyApp;
import org.headrace.topology.processor.MachineDefinition;

/**
 * Everything between a command and a view, in one process: broker, topics, recovery, both
 * topologies, projector, ticks. Started in that order, stopped in the reverse.
 */
public final class Pipeline implements AutoCloseable {
  /** Fixed for the life of a data folder (design D3); few, so that they flush together. */
  public static final Partitions PARTITIONS = new Partitions(2, 2);

  /** This process's name among the members of its groups: there is one of it. */
  static final String INSTANCE = "standalone";

  private static final int COMMAND_ID_BYTES = 16;
  private static final int STREAM_THREADS = 1;
  private static final Duration START_DEADLINE = Duration.ofMinutes(10);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Path data;
  private final Consumer<String> alarm;
  private final Consumer<String> fatal;
  private final Map<String, Object> clientConfig;
  private final RocksViews views;
  private final CommandLog commandLog;
  private final TickWakeups wakeups = new TickWakeups();

  /**
   * Starts all parts and returns when commands are decided and views are at the ends of their logs.
   *
   * @param broker runs already, and is closed with the pipeline
   * @param flushCommands whether commands are on the disk before they are acknowledged
   * @param report what is started, and what a recovery found: a line each
   * @param alarm what an operator must know later on: a line each
   * @param fatal told in one line why this process must end; called by a thread that has failed
   */
  public static Pipeline start(
      EmbeddedBroker broker,
      Path data,
      boolean flushCommands,
      Consumer<String> report,
      Consumer<String> alarm,
      Consumer<String> fatal)
      throws IOException, InterruptedException {
    return new Pipeline(broker, data, flushCommands, report, alarm, fatal);
  }

  private Pipeline(
      EmbeddedBroker broker,
      Path data,
      boolean flushCommands,
      Consumer<String> report,
      Consumer<String> alarm,
      Consumer<String> fatal)
      throws IOException, InterruptedException {
    this.data = data;
    this.alarm = alarm;
    this.fatal = fatal;
    parts.push(broker);
    clientConfig = broker.access().clientConfig();
    boolean started = false;
    try {
      TopicCatalogue.ensure(clientConfig, PARTITIONS, flushCommands);
      views = own(RocksViews.open(data.resolve("views")));
      var rooms = RoomTopology.definition();
      var accounts = AccountTopology.definition();
      recover(rooms, report);
      recover(accounts, report);
      Outcomes outcomes = new Outcomes();
      own(new TickReader(clientConfig, PARTITIONS, List.of(outcomes::accept, wakeups::accept)))
          .start();
      Projector projector = own(new Projector(clientConfig, PARTITIONS, views, alarm));
      projector.start();
      TopologyApp roomApp = topology(rooms);
      TopologyApp accountApp = topology(accounts);
      roomApp.start();
      accountApp.start();
      KafkaCommandLog log = own(new KafkaCommandLog(clientConfig, PARTITIONS, outcomes, entropy()));
      commandLog = log;
      require(roomApp.awaitRunning(START_DEADLINE), "the room topology does not start");
      require(accountApp.awaitRunning(START_DEADLINE), "the account topology does not start");
      require(projector.awaitCaughtUp(START_DEADLINE), "the views do not catch up");
      // After a crash commands wait to be decided (again); nobody reads before they are.
      log.awaitReadable(START_DEADLINE);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /** What a command of the data folder's owner uses beside a running server. */
  static java.util.function.Supplier<byte[]> entropy() {
    SecureRandom random = new SecureRandom();
    return () -> {
      byte[] bytes = new byte[COMMAND_ID_BYTES];
      random.nextBytes(bytes);
      return bytes;
    };
  }

  /**
   * From now on this worker does what rooms need from the network, until the pipeline is closed.
   */
  void runEffects(EffectReader.Worker worker) {
    own(new EffectReader(clientConfig, "standalone", worker)).start();
  }

  public CommandLog commandLog() {
    return commandLog;
  }

  public RocksViews views() {
    return views;
  }

  public Wakeups wakeups() {
    return wakeups;
  }

  private <C, R extends LogRecord> void recover(
      MachineDefinition<C, R> definition, Consumer<String> report) {
    new Recovery<>(definition, PARTITIONS, clientConfig, streamsFolder(), InstantSource.system())
        .run(partition -> views.shown(definition.log(), partition).reached())
        .forEach(report);
  }

  private <C, R extends LogRecord> TopologyApp topology(MachineDefinition<C, R> definition) {
    return own(
        new TopologyApp(
            definition,
            PARTITIONS,
            clientConfig,
            streamsFolder(),
            INSTANCE,
            STREAM_THREADS,
            alarm,
            fatal));
  }

  /** How parts beside the pipeline reach the broker. */
  Map<String, Object> clientConfig() {
    return clientConfig;
  }

  /** What an operator must know: one line. */
  void alarm(String line) {
    alarm.accept(line);
  }

  Path streamsFolder() {
    return data.resolve("streams");
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise + " within " + START_DEADLINE.toMinutes() + " min");
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        alarm.accept("while stopping " + part.getClass().getSimpleName() + ": " + e);
      }
    }
  }
}
