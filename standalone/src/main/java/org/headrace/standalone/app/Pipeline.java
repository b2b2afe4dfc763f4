package org.headrace.standalone.app;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.headrace.account.account.AccountTopology;
import org.headrace.http.RecentSessions;
import org.headrace.log.effects.EffectReader;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.log.ticks.TickWakeups;
import org.headrace.log.ticks.TracedNews;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.runner.Projector;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.standalone.broker.TopicCatalogue;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.app.Recovery;
import org.headrace.topology.app.StreamsApp;
import org.headrace.topology.app.TopologyApp;
import org.headrace.topology.processor.MachineDefinition;

/**
 * Everything between a command and a view, in one process: broker, topics, recovery, both
 * topologies, projector, ticks. Started in that order, stopped in the reverse.
 */
public final class Pipeline implements Running {
  /** Fixed for the life of a data folder (design D3); few, so that they flush together. */
  public static final Partitions PARTITIONS = new Partitions(2, 2);

  /** This process's name among the members of its groups: there is one of it. */
  static final String INSTANCE = "standalone";

  private static final int COMMAND_ID_BYTES = 16;
  private static final int STREAM_THREADS = 1;
  private static final Duration START_DEADLINE = Duration.ofMinutes(10);

  private final Parts parts;
  private final Path data;
  private final Consumer<String> alarm;
  private final Consumer<String> fatal;
  private final Map<String, Object> clientConfig;
  private final RocksViews views;
  private final CommandLog commandLog;
  private final Traces traces;
  private final TracedNews tracedNews;
  private final RecentSessions recentSessions = new RecentSessions(System::nanoTime);
  private final TickWakeups wakeups = new TickWakeups();
  private final List<Condition> conditions = new CopyOnWriteArrayList<>();
  private final List<Measure> measures = new ArrayList<>();

  /**
   * Starts all parts and returns when commands are decided and views are at the ends of their logs.
   *
   * @param broker runs already, and is closed with the pipeline
   * @param flushCommands whether commands are on the disk before they are acknowledged
   * @param traces where spans of what is done are recorded
   * @param report what is started, and what a recovery found: a line each
   * @param alarm what an operator must know later on: a line each
   * @param fatal told in one line why this process must end; called by a thread that has failed
   */
  public static Pipeline start(
      EmbeddedBroker broker,
      Path data,
      boolean flushCommands,
      Traces traces,
      Consumer<String> report,
      Consumer<String> alarm,
      Consumer<String> fatal)
      throws IOException, InterruptedException {
    return new Pipeline(broker, data, flushCommands, traces, report, alarm, fatal);
  }

  private Pipeline(
      EmbeddedBroker broker,
      Path data,
      boolean flushCommands,
      Traces traces,
      Consumer<String> report,
      Consumer<String> alarm,
      Consumer<String> fatal)
      throws IOException, InterruptedException {
    this.data = data;
    this.traces = traces;
    this.tracedNews = new TracedNews(traces, InstantSource.system());
    this.alarm = alarm;
    this.fatal = fatal;
    parts = new Parts(alarm);
    parts.own(broker);
    clientConfig = broker.access().clientConfig();
    boolean started = false;
    try {
      TopicCatalogue.ensure(clientConfig, PARTITIONS, flushCommands);
      views = parts.own(RocksViews.open(data.resolve("views")));
      var rooms = RoomTopology.definition();
      var accounts = AccountTopology.definition();
      recover(rooms, accounts, report);
      Outcomes outcomes = new Outcomes();
      TickReader ticks =
          parts.own(
              new TickReader(
                  clientConfig,
                  PARTITIONS,
                  tracedNews,
                  List.of(
                      outcomes::accept,
                      wakeups::accept,
                      new PresenceWakeups(wakeups, views::rooms)::accept)));
      ticks.start();
      views.dropped().ifPresent(why -> alarm.accept("the views are built anew: " + why));
      Projector projector =
          parts.own(Projector.alone(clientConfig, PARTITIONS, views, traces, alarm));
      projector.start();
      TopologyApp roomApp = topology(rooms);
      TopologyApp accountApp = topology(accounts);
      roomApp.start();
      accountApp.start();
      KafkaCommandLog log =
          parts.own(
              new KafkaCommandLog(
                  clientConfig, PARTITIONS, outcomes, entropy(), RequestSpans::current));
      commandLog = log;
      require(roomApp.awaitRunning(START_DEADLINE), "the room topology does not start");
      require(accountApp.awaitRunning(START_DEADLINE), "the account topology does not start");
      require(projector.awaitCaughtUp(START_DEADLINE), "the views do not catch up");
      // After a crash commands wait to be decided (again); nobody reads before they are.
      log.awaitReadable(START_DEADLINE);
      watch(roomApp, accountApp, projector);
      measures.addAll(TickMeasures.of(ticks, outcomes));
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void watch(TopologyApp rooms, TopologyApp accounts, Projector projector) {
    conditions.add(Condition.vital("rooms", rooms::isAlive, "the topology has stopped"));
    conditions.add(Condition.vital("accounts", accounts::isAlive, "the topology has stopped"));
    conditions.add(Condition.vital("projector", projector::isAlive, "a thread has ended"));
    measures.addAll(StreamsMeasures.of(Role.ROOMS.shown(), rooms));
    measures.addAll(StreamsMeasures.of(Role.ACCOUNTS.shown(), accounts));
    measures.addAll(ProjectorMeasures.of(projector, PARTITIONS));
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

  @Override
  public void runEffects(EffectReader.Worker worker) {
    EffectReader effects = parts.own(new EffectReader(clientConfig, INSTANCE, worker, fatal));
    effects.start();
    conditions.add(Condition.vital("effects", effects::isAlive, "its thread has ended"));
  }

  @Override
  public CommandLog commandLog() {
    return commandLog;
  }

  @Override
  public RocksViews views() {
    return views;
  }

  /** Views of one's own are never away, so nobody follows what ends them. */
  @Override
  public RecentSessions recentSessions() {
    return recentSessions;
  }

  @Override
  public Wakeups wakeups() {
    return wakeups;
  }

  @Override
  public TracedNews tracedNews() {
    return tracedNews;
  }

  /** Both at once, since neither knows of the other; what they found is told in order. */
  private void recover(
      MachineDefinition<?, ?> rooms, MachineDefinition<?, ?> accounts, Consumer<String> report)
      throws InterruptedException {
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      Future<List<String>> ofRooms = both.submit(() -> recover(rooms));
      Future<List<String>> ofAccounts = both.submit(() -> recover(accounts));
      ofRooms.get().forEach(report);
      ofAccounts.get().forEach(report);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private <C, R extends LogRecord> List<String> recover(MachineDefinition<C, R> definition) {
    return new Recovery<>(
            definition, PARTITIONS, clientConfig, streamsFolder(), InstantSource.system())
        .run(partition -> views.shown(definition.log(), partition).reached());
  }

  private <C, R extends LogRecord> TopologyApp topology(MachineDefinition<C, R> definition) {
    return parts.own(
        new TopologyApp(
            definition,
            PARTITIONS,
            clientConfig,
            streamsFolder(),
            new StreamsApp.Member(INSTANCE, STREAM_THREADS, 0),
            traces,
            alarm,
            fatal));
  }

  @Override
  public Partitions partitions() {
    return PARTITIONS;
  }

  @Override
  public String node() {
    return INSTANCE;
  }

  @Override
  public int standbys() {
    return 0;
  }

  @Override
  public List<Condition> conditions() {
    return conditions;
  }

  @Override
  public List<Measure> measures() {
    return measures;
  }

  @Override
  public void drain() {
    wakeups.drain();
  }

  @Override
  public Map<String, Object> clientConfig() {
    return clientConfig;
  }

  @Override
  public void alarm(String line) {
    alarm.accept(line);
  }

  @Override
  public void fatal(String line) {
    fatal.accept(line);
  }

  @Override
  public Path streamsFolder() {
    return data.resolve("streams");
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise + " within " + START_DEADLINE.toMinutes() + " min");
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
