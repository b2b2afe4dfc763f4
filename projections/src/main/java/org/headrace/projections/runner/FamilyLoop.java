package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Succession;
import org.headrace.schema.log.Topic;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/**
 * One family's consumer on its own thread: polls, folds, writes a batch, sends its ticks. Where it
 * goes on is written in the views with the rows, never in a consumer group; a group only says,
 * where several projectors share the partitions, who has which. Whatever fails is told and tried
 * again from there.
 */
final class FamilyLoop implements Runnable {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration POLL_WAITING = Duration.ofMillis(10);
  private static final long RETRY_MILLIS = 1000;

  /**
   * How old a command must be before what it lacks beside the log may be taken for gone: more than
   * the topology's delivery timeout, after which it is decided again or was never written.
   */
  static final long BESIDE_WAIT_MILLIS = 15_000;

  /** Commands that wait in one partition before its log is paused. */
  private static final int WAITING_MAX = 2_000;

  /** Records beside the log that are ahead of it in one partition before their topic is paused. */
  private static final int AHEAD_MAX = 20_000;

  private final FamilyFold fold;
  private final int partitions;
  private final boolean shared;
  private final ViewWriter views;
  private final TickSender ticks;
  private final Traces traces;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final java.util.function.Consumer<String> alarm;
  private final java.util.function.Consumer<String> fatal;
  private final LongSupplier clock;

  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private volatile Map<Integer, Long> lags = Map.of();
  private volatile OptionalLong delayMillis = OptionalLong.empty();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Consumer<byte[], byte[]> running;

  private String told = "";

  /** The partitions that this loop has now; null before it has been given any, or none. */
  private @Nullable SortedSet<Integer> held;

  private final Map<Integer, LogPartition> logs = new HashMap<>();
  private final Map<Integer, BesidePartition> besides = new HashMap<>();

  /** As the views have it for what this loop holds, which nobody else writes meanwhile. */
  private final Map<TopicPartition, Checkpoint> checkpoints = new HashMap<>();

  private final Map<TopicPartition, Checkpoint> unverified = new HashMap<>();
  private final Map<TopicPartition, Long> targets = new LinkedHashMap<>();

  /** By command id, of commands that are traced and not shown yet. */
  private final Map<String, Traces.Span> spans = new HashMap<>();

  /**
   * @param partitions of the family
   * @param shared whether the consumers are members of a group, which says who has which partitions
   * @param fatal told in one line why this process must end
   */
  FamilyLoop(
      FamilyFold fold,
      int partitions,
      boolean shared,
      ViewWriter views,
      TickSender ticks,
      Traces traces,
      Supplier<Consumer<byte[], byte[]>> consumers,
      java.util.function.Consumer<String> alarm,
      java.util.function.Consumer<String> fatal,
      LongSupplier clock) {
    this.fold = fold;
    this.partitions = partitions;
    this.shared = shared;
    this.views = views;
    this.ticks = ticks;
    this.traces = traces;
    this.consumers = consumers;
    this.alarm = alarm;
    this.fatal = fatal;
    this.clock = clock;
  }

  @Override
  public void run() {
    while (closing.getCount() > 0) {
      try (var consumer = consumers.get()) {
        running = consumer;
        begin(consumer);
        while (closing.getCount() > 0) {
          step(consumer);
        }
      } catch (WakeupException | InterruptException e) {
        // Closing.
      } catch (FencedInstanceIdException e) {
        fatal.accept(
            "the "
                + name()
                + " projector: another process has this node's name; each needs its own");
        return;
      } catch (RuntimeException e) {
        failed(e);
      } finally {
        running = null;
        release();
      }
    }
  }

  private void failed(RuntimeException e) {
    // What a rebalance's callback throws comes wrapped.
    Throwable cause = e.getCause() instanceof TopicWasCutException cut ? cut : e;
    if (closing.getCount() == 0) {
      return;
    }
    if (cause instanceof TopicWasCutException && !shared) {
      alarm.accept(cause.getMessage() + "; these views are built anew from the log");
      views.drop(fold.family());
    } else if (cause instanceof TopicWasCutException) {
      // Others write views of the same family: whoever runs them must stop all to drop them.
      tellOnce(cause.getMessage() + "; the views must be dropped and built anew from the log");
      pause();
    } else {
      tellOnce("the " + name() + " projector goes on from its checkpoint after: " + e);
      pause();
    }
  }

  void close() {
    closing.countDown();
    var consumer = running;
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
    return caughtUp.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  String name() {
    return fold.family().name().toLowerCase(Locale.ROOT);
  }

  /** What fails each second is told once. */
  private void tellOnce(String line) {
    if (!line.equals(told)) {
      told = line;
      alarm.accept(line);
    }
  }

  private void pause() {
    try {
      closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closing.countDown();
    }
  }

  /** Takes all partitions, or joins those who share them. */
  void begin(Consumer<byte[], byte[]> consumer) {
    if (shared) {
      consumer.subscribe(topics().stream().map(Topic::topicName).toList(), new Rebalance(consumer));
      return;
    }
    SortedSet<Integer> all = new TreeSet<>();
    for (int p = 0; p < partitions; p++) {
      all.add(p);
    }
    consumer.assign(sources(all));
    resume(consumer, all);
  }

  /**
   * The group's word on who has which partitions: all topics' partitions of one number go to one
   * member. Runs within a poll, so that records of a partition come after its {@link #resume}.
   */
  private final class Rebalance implements ConsumerRebalanceListener {
    private final Consumer<byte[], byte[]> consumer;

    Rebalance(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      release();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
      SortedSet<Integer> numbers = new TreeSet<>();
      assigned.forEach(source -> numbers.add(source.partition()));
      if (!Set.copyOf(assigned).equals(Set.copyOf(sources(numbers)))) {
        throw new IllegalStateException("topics of a family are apart: " + assigned);
      }
      resume(consumer, numbers);
    }
  }

  private List<TopicPartition> sources(Set<Integer> numbers) {
    List<TopicPartition> sources = new ArrayList<>();
    for (Topic topic : topics()) {
      for (int p : numbers) {
        sources.add(new TopicPartition(topic.topicName(), p));
      }
    }
    return sources;
  }

  /** Holds nothing any more. */
  private void release() {
    held = null;
    logs.clear();
    besides.clear();
    checkpoints.clear();
    unverified.clear();
    targets.clear();
    spans.clear();
    lags = Map.of();
  }

  private SortedSet<Integer> held() {
    SortedSet<Integer> now = held;
    return now == null ? Collections.emptySortedSet() : now;
  }

  private Checkpoint checkpoint(Topic topic, int partition) {
    return Objects.requireNonNull(
        checkpoints.get(new TopicPartition(topic.topicName(), partition)));
  }

  /** Goes on where the views are, one record earlier, so that it can be compared. */
  private void resume(Consumer<byte[], byte[]> consumer, SortedSet<Integer> numbers) {
    release();
    List<TopicPartition> all = sources(numbers);
    for (Topic topic : topics()) {
      for (int p : numbers) {
        checkpoints.put(new TopicPartition(topic.topicName(), p), views.checkpoint(topic, p));
      }
    }
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    for (Topic topic : topics()) {
      for (int p : numbers) {
        TopicPartition source = new TopicPartition(topic.topicName(), p);
        long begin = begins.getOrDefault(source, 0L);
        long end = ends.getOrDefault(source, 0L);
        consumer.seek(source, start(topic, source, begin, end));
        targets.put(source, end);
      }
    }
    for (int p : numbers) {
      logs.put(p, new LogPartition(checkpoint(fold.log(), p).reached()));
      besides.put(p, new BesidePartition(checkpoint(fold.beside(), p)));
    }
    held = numbers;
  }

  private List<Topic> topics() {
    List<Topic> topics = new ArrayList<>();
    topics.add(fold.beside());
    topics.addAll(fold.ephemeral());
    topics.add(fold.log());
    return topics;
  }

  private long start(Topic topic, TopicPartition source, long begin, long end) {
    // Typing and presence live in memory: what is left of the topic is read again.
    if (topic == Topic.TYPING || topic == Topic.PRESENCE) {
      return begin;
    }
    Checkpoint checkpoint = checkpoint(topic, source.partition());
    if (fold.ephemeral().contains(topic)) {
      // What a power cut took of it was shown, and may stay: nothing is folded from it.
      return Math.max(begin, Math.min(checkpoint.nextOffset(), end));
    }
    if (checkpoint.nextOffset() > end) {
      throw new TopicWasCutException(
          source + " ends at " + end + ", the views were at " + checkpoint.nextOffset());
    }
    if (checkpoint.nextOffset() <= begin) {
      return begin;
    }
    unverified.put(source, checkpoint);
    return checkpoint.nextOffset() - 1;
  }

  /** One poll and what follows from it. */
  void step(Consumer<byte[], byte[]> consumer) {
    boolean isWaiting = logs.values().stream().anyMatch(log -> log.waitingCount() > 0);
    ConsumerRecords<byte[], byte[]> records = consumer.poll(isWaiting ? POLL_WAITING : POLL);
    ViewBatch batch = new ViewBatch();
    List<Sent> sent = new ArrayList<>();
    long newestMillis = 0;
    // What lies beside the log first, since commands wait for it.
    for (int p : held()) {
      for (var record : next(records, fold.beside(), p)) {
        beside(record, batch);
      }
      for (Topic topic : fold.ephemeral()) {
        ephemeral(topic, p, next(records, topic, p), batch, sent);
      }
      for (var record : next(records, fold.log(), p)) {
        log(record);
        newestMillis = Math.max(newestMillis, record.timestamp());
      }
    }
    lookForBesideEnds(consumer);
    for (int p : held()) {
      complete(consumer, p, batch, sent);
    }
    if (!batch.isEmpty()) {
      views.write(batch);
      batch
          .checkpoints()
          .forEach(
              (source, reached) ->
                  checkpoints.put(
                      new TopicPartition(source.topic().topicName(), source.partition()), reached));
      for (Sent tick : sent) {
        tick.span().end();
        ticks.send(fold.ticks(), tick.partition(), tick.tick(), tick.span().context());
      }
      if (newestMillis > 0) {
        delayMillis = OptionalLong.of(Math.max(0, clock.getAsLong() - newestMillis));
      }
    }
    measureLags(consumer);
    if (caughtUp.getCount() > 0 && isCaughtUp(consumer)) {
      caughtUp.countDown();
    }
  }

  /** How many records of the log the views lack, by partition; what is not known yet is absent. */
  private void measureLags(Consumer<byte[], byte[]> consumer) {
    Map<Integer, Long> now = new TreeMap<>();
    for (int p : held()) {
      TopicPartition source = new TopicPartition(fold.log().topicName(), p);
      OptionalLong unread = consumer.currentLag(source);
      if (unread.isPresent()) {
        long end = consumer.position(source) + unread.getAsLong();
        now.put(p, Math.max(0, end - checkpoint(fold.log(), p).nextOffset()));
      }
    }
    lags = now;
  }

  /** How old the newest record's command was when its rows were written; milliseconds. */
  OptionalLong delayMillis() {
    return delayMillis;
  }

  /** For each partition that this loop has, how many records of the log its views lack. */
  Map<Integer, Long> lags() {
    return lags;
  }

  /** Whether it was given its partitions, of which it may have none, and has caught up once. */
  boolean isCaughtUp() {
    return caughtUp.getCount() == 0;
  }

  FamilyFold fold() {
    return fold;
  }

  /** A tick and where it goes. */
  private record Sent(int partition, Tick tick, Traces.Span span) {}

  /** The records of a partition that are news, after the first was compared with the checkpoint. */
  private List<ConsumerRecord<byte[], byte[]>> next(
      ConsumerRecords<byte[], byte[]> records, Topic topic, int partition) {
    TopicPartition source = new TopicPartition(topic.topicName(), partition);
    List<ConsumerRecord<byte[], byte[]>> found = records.records(source);
    Checkpoint checkpoint = found.isEmpty() ? null : unverified.remove(source);
    if (checkpoint == null || found.getFirst().offset() != checkpoint.nextOffset() - 1) {
      // Without a checkpoint, or compacted away.
      return found;
    }
    if (Checksum.of(found.getFirst()) != checkpoint.lastChecksum()) {
      throw new TopicWasCutException(
          source + " has another record at " + (checkpoint.nextOffset() - 1) + " than before");
    }
    return found.subList(1, found.size());
  }

  private void beside(ConsumerRecord<byte[], byte[]> record, ViewBatch batch) {
    batch.addAll(fold.besidePosition(record), fold.beside(record));
    beside(record.partition())
        .met(
            new String(record.key(), StandardCharsets.UTF_8),
            FamilyFold.command(record),
            fold.besidePosition(record),
            record.offset(),
            Checksum.of(record));
  }

  private void ephemeral(
      Topic topic,
      int partition,
      List<ConsumerRecord<byte[], byte[]>> records,
      ViewBatch batch,
      List<Sent> sent) {
    Set<String> keys = new LinkedHashSet<>();
    for (var record : records) {
      batch.addAll(Position.ofOffset(record.offset()), fold.ephemeral(topic, record));
      fold.ephemeralKey(topic, record).ifPresent(keys::add);
      // What is read again was reached before.
      if (record.offset() >= checkpoint(topic, partition).nextOffset()) {
        batch.reach(
            topic,
            partition,
            new Checkpoint(
                Position.ofOffset(record.offset()), record.offset() + 1, Checksum.of(record)));
      }
    }
    keys.forEach(key -> sent.add(new Sent(partition, new Tick.Ephemeral(key), Traces.Span.NONE)));
  }

  private void log(ConsumerRecord<byte[], byte[]> record) {
    LogPartition log = log(record.partition());
    LogPartition.Incoming incoming = fold.log(record);
    Succession.Met met = log.accept(incoming, record.offset(), Checksum.of(record));
    if (met == Succession.Met.NEXT) {
      trace(record, incoming.commandId());
    }
    if (met == Succession.Met.GAP && log.isNewGap()) {
      // The topology decides what is missing again when it is rewound; it then comes further on.
      alarm.accept(
          String.format(
              "%s-%d has %s at offset %d where %s must be: its views stop there until that comes",
              record.topic(),
              record.partition(),
              incoming.position(),
              record.offset(),
              log.expected()));
    }
  }

  /** From here on the command waits to be shown. */
  private void trace(ConsumerRecord<byte[], byte[]> record, String commandId) {
    TraceContext cause = TraceContext.of(record.headers());
    if (cause != null) {
      Traces.Span span =
          spans.computeIfAbsent(
              commandId,
              id ->
                  traces.of(
                      "project " + record.topic(),
                      cause,
                      record.topic() + "-" + record.partition() + "@" + record.offset()));
      if (traces.isOn()) {
        span.about(fold.subject(record));
      }
    }
  }

  private void complete(
      Consumer<byte[], byte[]> consumer, int partition, ViewBatch batch, List<Sent> sent) {
    LogPartition log = log(partition);
    Checkpoint shown = checkpoint(fold.log(), partition);
    for (LogPartition.Command command :
        log.complete(command -> hasCome(consumer, partition, command))) {
      batch.addAll(command.rows);
      shown = command.checkpoint;
      batch.reach(fold.log(), partition, shown);
      sent.add(
          new Sent(
              partition,
              new Tick.Visible(
                  command.key, command.id, command.position(), List.copyOf(command.concerned)),
              Objects.requireNonNullElse(spans.remove(command.id), Traces.Span.NONE)));
    }
    Checkpoint beside = beside(partition).pass(shown.reached());
    if (!beside.equals(checkpoint(fold.beside(), partition))) {
      batch.reach(fold.beside(), partition, beside);
    }
    hold(consumer, fold.log(), partition, log.waitingCount(), WAITING_MAX);
    hold(consumer, fold.beside(), partition, beside(partition).aheadCount(), AHEAD_MAX);
  }

  /** Stops reading a partition while too much of it waits for another. */
  private static void hold(
      Consumer<byte[], byte[]> consumer, Topic topic, int partition, int count, int max) {
    TopicPartition source = new TopicPartition(topic.topicName(), partition);
    boolean isPaused = consumer.paused().contains(source);
    if (!isPaused && count > max) {
      consumer.pause(List.of(source));
    } else if (isPaused && count <= max / 2) {
      consumer.resume(List.of(source));
    }
  }

  private boolean hasCome(
      Consumer<byte[], byte[]> consumer, int partition, LogPartition.Command command) {
    Position position = command.position();
    BesidePartition beside = beside(partition);
    boolean all = true;
    for (String key : command.awaited) {
      if (!beside.has(key, position)
          && !(fold.beside() == Topic.ROOM_BODIES && views.hasBody(key))) {
        all = false;
        break;
      }
    }
    if (all) {
      return true;
    }
    if (clock.getAsLong() - command.ts < BESIDE_WAIT_MILLIS) {
      return false;
    }
    // What a later command made came after all that this one made: the rest is gone.
    if (beside.isPast(position)) {
      return true;
    }
    Long end = command.besideEnd;
    return end != null && consumer.position(besideSource(partition)) >= end;
  }

  /** For old commands that wait: where the topic beside the log ends now. */
  private void lookForBesideEnds(Consumer<byte[], byte[]> consumer) {
    long old = clock.getAsLong() - BESIDE_WAIT_MILLIS;
    List<TopicPartition> wanted = new ArrayList<>();
    for (int p : held()) {
      for (LogPartition.Command command : log(p).waiting()) {
        if (command.besideEnd == null && command.ts <= old && !command.awaited.isEmpty()) {
          wanted.add(besideSource(p));
          break;
        }
      }
    }
    if (wanted.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(wanted);
    for (TopicPartition source : wanted) {
      for (LogPartition.Command command : log(source.partition()).waiting()) {
        if (command.besideEnd == null) {
          command.besideEnd = ends.get(source);
        }
      }
    }
  }

  private TopicPartition besideSource(int partition) {
    return new TopicPartition(fold.beside().topicName(), partition);
  }

  private LogPartition log(int partition) {
    return Objects.requireNonNull(logs.get(partition));
  }

  private BesidePartition beside(int partition) {
    return Objects.requireNonNull(besides.get(partition));
  }

  private boolean isCaughtUp(Consumer<byte[], byte[]> consumer) {
    if (held == null) {
      return false;
    }
    for (var target : targets.entrySet()) {
      if (consumer.position(target.getKey()) < target.getValue()) {
        return false;
      }
    }
    return logs.values().stream().allMatch(log -> log.waitingCount() == 0);
  }
}
