package org.headrace.standalone.app;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.headrace.account.account.AccountTopology;
import org.headrace.http.RecentSessions;
import org.headrace.log.accounts.AccountFollower;
import org.headrace.log.effects.EffectReader;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.log.ticks.TickWakeups;
import org.headrace.log.ticks.TracedNews;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.runner.Projector;
import org.headrace.projections.view.ViewPorts;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.broker.TopicPlan;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.app.JoinCheck;
import org.headrace.topology.app.StreamsApp;
import org.headrace.topology.app.TopologyApp;
import org.headrace.topology.processor.MachineDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a process that has some of the roles, on brokers that others run. It starts without
 * waiting for the other processes, nor for stores and views: {@link #conditions} tell when those
 * are there.
 */
public final class ClusterPipeline implements Running {
  private static final int STREAM_THREADS = 1;

  private final Parts parts;
  private final ClusterSettings settings;
  private final Consumer<String> alarm;
  private final Consumer<String> fatal;
  private final Partitions partitions;
  private final Traces traces;
  private final TracedNews tracedNews;
  private final RecentSessions recentSessions = new RecentSessions(System::nanoTime);
  private final TickWakeups wakeups = new TickWakeups();
  private final Outcomes outcomes = new Outcomes();
  private final List<Condition> conditions = new CopyOnWriteArrayList<>();
  private final List<Measure> measures = new ArrayList<>();
  private @Nullable ViewStore views;
  private @Nullable CommandLog commandLog;

  /**
   * Checks topics and stores, and starts the parts of the roles.
   *
   * @param traces where spans of what is done are recorded
   * @param report what was found: a line each
   * @param alarm what an operator must know later on: a line each
   * @param fatal told in one line why this process must end; called by a thread that has failed
   * @throws IllegalStateException with one line that says why the process cannot take part
   */
  public static ClusterPipeline start(
      ClusterSettings settings,
      Traces traces,
      Consumer<String> report,
      Consumer<String> alarm,
      Consumer<String> fatal)
      throws InterruptedException {
    Partitions partitions = TopicPlan.check(settings.kafka(), alarm);
    ClusterPipeline pipeline = new ClusterPipeline(settings, partitions, traces, alarm, fatal);
    boolean started = false;
    try {
      pipeline.start(report);
      started = true;
      return pipeline;
    } finally {
      if (!started) {
        pipeline.close();
      }
    }
  }

  private ClusterPipeline(
      ClusterSettings settings,
      Partitions partitions,
      Traces traces,
      Consumer<String> alarm,
      Consumer<String> fatal) {
    this.settings = settings;
    this.partitions = partitions;
    this.traces = traces;
    this.tracedNews = new TracedNews(traces, InstantSource.system());
    this.alarm = alarm;
    this.fatal = fatal;
    parts = new Parts(alarm);
  }

  private void start(Consumer<String> report) throws InterruptedException {
    Set<Role> roles = settings.roles();
    BrokerProbe brokers = parts.own(new BrokerProbe(settings.kafka()));
    conditions.add(Condition.ready("kafka", brokers::isAnswering, "the brokers do not answer"));
    if (Role.anyOf(Role.READERS, roles) || roles.contains(Role.PROJECTOR)) {
      ViewStore store = parts.own(ViewStore.open(settings, alarm));
      views = store;
    }
    if (Role.anyOf(Role.HTTP, roles)) {
      readTicks();
      follow(java.util.Objects.requireNonNull(views));
    }
    if (roles.contains(Role.PROJECTOR)) {
      project(java.util.Objects.requireNonNull(views));
    }
    if (roles.contains(Role.ROOMS)) {
      decide(RoomTopology.definition(), Role.ROOMS, report);
    }
    if (roles.contains(Role.ACCOUNTS)) {
      decide(AccountTopology.definition(), Role.ACCOUNTS, report);
    }
    if (Role.anyOf(Role.HTTP, roles)) {
      commandLog =
          parts.own(
              new KafkaCommandLog(
                  settings.kafka(),
                  partitions,
                  outcomes,
                  Pipeline.entropy(),
                  RequestSpans::current));
    }
  }

  private void readTicks() throws InterruptedException {
    TickReader ticks =
        parts.own(
            new TickReader(
                settings.kafka(),
                partitions,
                tracedNews,
                List.of(
                    outcomes::accept,
                    wakeups::accept,
                    new PresenceWakeups(wakeups, () -> views().rooms())::accept)));
    ticks.start();
    conditions.add(Condition.ready("ticks", ticks::isReading, "ticks cannot be read"));
    conditions.add(Condition.vital("tick-reader", ticks::isAlive, "its thread has ended"));
    measures.addAll(TickMeasures.of(ticks, outcomes));
  }

  /** From where the views are on, so that no end of a session is missed that they do not show. */
  private void follow(ViewStore store) {
    if (!store.shared()) {
      return;
    }
    AccountFollower follower =
        parts.own(
            new AccountFollower(
                settings.kafka(),
                partitions,
                partition -> {
                  Checkpoint at = store.writer().checkpoint(Topic.ACCOUNT_LOG, partition);
                  return new AccountFollower.Begin(at.nextOffset(), at.reached());
                },
                recentSessions,
                System::nanoTime));
    follower.start();
    measures.add(
        new Measure(
            "headrace.accounts.heard.age.milliseconds",
            "how long ago all that the log of accounts held had been heard; while it is more than"
                + " 30,000, no session stands in for views that are away",
            Map.of(),
            () -> Measure.valueOf(follower.heardAllAgoMillis())));
  }

  private void project(ViewStore store) {
    Map<String, Object> kafka = settings.kafka();
    Projector projector =
        parts.own(
            store.shared()
                ? Projector.shared(
                    kafka, partitions, store.writer(), traces, settings.node(), alarm, fatal)
                : Projector.alone(kafka, partitions, store.writer(), traces, alarm));
    projector.start();
    conditions.add(new Condition("projector", () -> behind(projector), false));
    conditions.add(Condition.vital("projector-threads", projector::isAlive, "a thread has ended"));
    measures.addAll(ProjectorMeasures.of(projector, partitions));
  }

  private Optional<String> behind(Projector projector) {
    if (!projector.isCaughtUp()) {
      return Optional.of("has not caught up yet");
    }
    long lag = projector.lags().stream().mapToLong(Projector.Lag::records).max().orElse(0);
    return lag <= settings.viewLagMax()
        ? Optional.empty()
        : Optional.of(lag + " records behind, more than " + settings.viewLagMax());
  }

  private <C, R extends LogRecord> void decide(
      MachineDefinition<C, R> definition, Role role, Consumer<String> report) {
    new JoinCheck<>(
            definition, partitions, settings.kafka(), streamsFolder(), InstantSource.system())
        .run()
        .forEach(report);
    TopologyApp app =
        parts.own(
            new TopologyApp(
                definition,
                partitions,
                settings.kafka(),
                streamsFolder(),
                new StreamsApp.Member(settings.node(), STREAM_THREADS, settings.standbys()),
                traces,
                alarm,
                fatal));
    app.start();
    conditions.add(
        Condition.ready(role.shown(), app::isRunning, "its partitions or stores are on their way"));
    conditions.add(Condition.vital(role.shown() + "-threads", app::isAlive, "it has stopped"));
    measures.addAll(StreamsMeasures.of(role.shown(), app));
  }

  @Override
  public Partitions partitions() {
    return partitions;
  }

  @Override
  public CommandLog commandLog() {
    return required(commandLog);
  }

  @Override
  public ViewPorts views() {
    return required(views).views();
  }

  private <T> T required(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException(
          "this process is " + Role.shown(settings.roles()) + " only, and has no such part");
    }
    return part;
  }

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

  @Override
  public Map<String, Object> clientConfig() {
    return settings.kafka();
  }

  @Override
  public Path streamsFolder() {
    return settings.data().resolve("streams");
  }

  @Override
  public String node() {
    return settings.node();
  }

  @Override
  public int standbys() {
    return settings.standbys();
  }

  @Override
  public void runEffects(EffectReader.Worker worker) {
    EffectReader effects =
        parts.own(new EffectReader(settings.kafka(), settings.node(), worker, fatal));
    effects.start();
    conditions.add(Condition.vital("effects", effects::isAlive, "its thread has ended"));
  }

  @Override
  public List<Condition> conditions() {
    return List.copyOf(conditions);
  }

  @Override
  public List<Measure> measures() {
    return List.copyOf(measures);
  }

  @Override
  public void drain() {
    wakeups.drain();
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
  public void close() {
    parts.close();
  }
}
