package org.headrace.simulation.world;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.LogRecord;
import org.headrace.simulation.world.FakeLog.Entry;
import org.headrace.simulation.world.FakeLog.Source;
import org.headrace.topology.app.Plans;
import org.headrace.topology.machine.Output;
import org.headrace.topology.processor.CommandStep;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.ChangelogTail;
import org.headrace.topology.store.VersionedStore;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a topology as Kafka Streams runs it at_least_once: what it sends lies in a
 * producer's buffers, each topic in order, until it is flushed or the process dies; the store
 * writes locally and to a changelog; a commit flushes all and then notes the offset.
 */
final class Task<C, R extends LogRecord> {
  /** A write of the store; null: a deletion. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Write(byte[] key, byte @Nullable [] value) {}

  private final MachineDefinition<C, R> definition;
  private final int partition;
  private final FakeLog log;
  private final Faults faults;
  private final Random random;

  // What survives.
  private final List<Write> changelog = new ArrayList<>();
  private int committed;
  private NavigableMap<byte[], byte[]> local = CrashingKeyValues.empty();
  private NavigableMap<byte[], byte[]> localAtCheckpoint = CrashingKeyValues.empty();
  private final List<Write> writtenSince = new ArrayList<>();
  private int checkpoint;

  // What does not.
  private final Map<Source, Deque<Entry>> buffers = new TreeMap<>();
  private final Deque<Write> changelogBuffer = new ArrayDeque<>();
  private int next;
  private CommandStep<C, R> step;
  private VersionedStore store;

  Task(
      MachineDefinition<C, R> definition,
      int partition,
      FakeLog log,
      Faults faults,
      Random random) {
    this.definition = definition;
    this.partition = partition;
    this.log = log;
    this.faults = faults;
    this.random = random;
    this.store = openStore();
    this.step = newStep();
  }

  VersionedStore store() {
    return store;
  }

  boolean isIdle() {
    return next >= commands().size();
  }

  private List<Entry> commands() {
    return log.of(definition.commands(), partition);
  }

  /** Decides the next command, if there is one; true if the process died of it. */
  boolean process() {
    if (isIdle()) {
      return false;
    }
    Entry command = commands().get(next);
    try {
      byte[] value = command.value() == null ? new byte[0] : command.value();
      var decided = step.process(command.key(), value, next, command.ts());
      for (Output output : decided.outputs()) {
        faults.step();
        int target =
            output.topic().family() == definition.family()
                ? partition
                : log.partitions().of(output.topic().family(), output.key());
        buffers
            .computeIfAbsent(new Source(output.topic(), target), s -> new ArrayDeque<>())
            .add(
                new Entry(
                    output.key(),
                    output.value(),
                    decided.ts(),
                    output.record() == null
                        ? Position.ofOffset(next)
                        : output.record().position()));
      }
      next++;
      return false;
    } catch (Crash e) {
      crash();
      return true;
    }
  }

  /** Some of what is buffered arrives; topics are independent of each other. */
  void flushSome() {
    for (var buffer : buffers.entrySet()) {
      for (int n = random.nextInt(buffer.getValue().size() + 1); n > 0; n--) {
        log.of(buffer.getKey()).add(buffer.getValue().remove());
      }
    }
    for (int n = random.nextInt(changelogBuffer.size() + 1); n > 0; n--) {
      changelog.add(changelogBuffer.remove());
    }
  }

  /** Everything arrives; the offset is noted only if the process does not die before (false). */
  boolean commit() {
    buffers.forEach((source, entries) -> log.of(source).addAll(entries));
    buffers.clear();
    changelog.addAll(changelogBuffer);
    changelogBuffer.clear();
    try {
      faults.step();
    } catch (Crash e) {
      crash();
      return false;
    }
    committed = next;
    checkpoint = changelog.size();
    localAtCheckpoint = CrashingKeyValues.empty();
    localAtCheckpoint.putAll(local);
    writtenSince.clear();
    return true;
  }

  /**
   * Dies and comes back: with all, some or none of what the local store held, and its changelog.
   */
  void crash() {
    buffers.clear();
    changelogBuffer.clear();
    switch (random.nextInt(3)) {
      case 0 -> {} // The local store has even what the changelog never got.
      case 1 -> {
        local = CrashingKeyValues.empty();
        local.putAll(localAtCheckpoint);
        int kept = random.nextInt(writtenSince.size() + 1);
        writtenSince.subList(0, kept).forEach(this::write);
      }
      default -> {
        local = CrashingKeyValues.empty();
        localAtCheckpoint = CrashingKeyValues.empty();
        checkpoint = 0;
      }
    }
    writtenSince.clear();
    changelog.subList(checkpoint, changelog.size()).forEach(this::write);
    localAtCheckpoint = CrashingKeyValues.empty();
    localAtCheckpoint.putAll(local);
    checkpoint = changelog.size();
    next = committed;
    store = openStore();
    step = newStep();
  }

  /**
   * The power goes: topics and changelog lose up to so many records each, at random. What recovery
   * would do is done, and the task goes on. The consumer's offsets survive; of the local store what
   * the changelog has, since its newest writes were in memory.
   *
   * @param shown the highest command offset whose records a reader has taken; -1: none
   */
  void powerCut(int recordsMax, long shown) {
    crash();
    log.cut(definition.commands(), partition, random.nextInt(recordsMax + 1));
    log.cut(definition.log(), partition, random.nextInt(recordsMax + 1));
    log.cut(definition.beside(), partition, random.nextInt(recordsMax + 1));
    int changelogCut = random.nextInt(4 * recordsMax + 1);
    changelog.subList(Math.max(0, changelog.size() - changelogCut), changelog.size()).clear();

    List<Entry> records = log.of(definition.log(), partition);
    Position logLast = Position.NONE;
    boolean whole = true;
    for (Entry entry : records) {
      if (entry.position().isAfter(logLast)) {
        logLast = entry.position();
        whole = record(entry).last();
      }
    }
    Position progress = Position.NONE;
    Position written = Position.NONE;
    for (Write write : changelog) {
      Position said = ChangelogTail.progress(write.key(), write.value());
      progress = said == null ? progress : said;
      Position at = ChangelogTail.writtenAt(write.key(), write.value());
      written = at.isAfter(written) ? at : written;
    }
    written = progress.isAfter(written) ? progress : written;
    Plans.Plan plan =
        Plans.of(
            commands().size(),
            committed,
            logLast,
            whole,
            offset(progress),
            offset(written),
            besideMissingFrom(),
            shown);
    if (plan.keepUpTo() != null) {
      takeOut(plan.keepUpTo(), offset(progress));
    }
    pad(plan.padOrdinals());
    committed = (int) plan.from();
    local = CrashingKeyValues.empty();
    changelog.forEach(this::write);
    localAtCheckpoint = CrashingKeyValues.empty();
    localAtCheckpoint.putAll(local);
    checkpoint = changelog.size();
    next = committed;
    store = openStore();
    step = newStep();
  }

  private static long offset(Position position) {
    return position.equals(Position.NONE) ? -1 : position.offset();
  }

  private R record(Entry entry) {
    return LogJson.decode(Objects.requireNonNull(entry.value()), definition.recordType());
  }

  private @Nullable Long besideMissingFrom() {
    List<Entry> beside = log.of(definition.beside(), partition);
    long last = beside.isEmpty() ? -1 : offset(beside.getLast().position());
    for (Entry entry : log.of(definition.log(), partition)) {
      if (entry.position().offset() > last && definition.hasBeside().test(record(entry))) {
        return entry.position().offset();
      }
    }
    return null;
  }

  private void takeOut(long keepUpTo, long storeOffset) {
    NavigableMap<byte[], Write> newest = new TreeMap<>(Arrays::compareUnsigned);
    changelog.forEach(write -> newest.put(write.key(), write));
    for (Write write : newest.values()) {
      if (offset(ChangelogTail.writtenAt(write.key(), write.value())) > keepUpTo) {
        changelog.add(new Write(write.key(), null));
      }
    }
    long whole = Math.min(keepUpTo, storeOffset);
    changelog.add(
        new Write(
            ChangelogTail.progressKey(),
            whole < 0 ? null : ChangelogTail.progressValue(Position.ofOffset(whole))));
  }

  private void pad(List<Integer> ordinals) {
    for (int ordinal : ordinals) {
      long offset = commands().size();
      TreeMap<Position, byte[]> decided = new TreeMap<>();
      for (Entry entry : log.of(definition.log(), partition)) {
        if (entry.position().offset() == offset) {
          decided.put(entry.position(), Objects.requireNonNull(entry.value()));
        }
      }
      C pad =
          definition.commandType().pad("pad" + offset, 0, ordinal, List.copyOf(decided.values()));
      commands()
          .add(new Entry(definition.commandType().padKey(), LogJson.encode(pad), 0, Position.NONE));
    }
  }

  private void write(Write write) {
    if (write.value() == null) {
      local.remove(write.key());
    } else {
      local.put(write.key(), write.value());
    }
  }

  private VersionedStore openStore() {
    return new VersionedStore(
        new CrashingKeyValues(
            local,
            faults,
            (key, value) -> {
              Write write = new Write(key, value);
              writtenSince.add(write);
              changelogBuffer.add(write);
            }));
  }

  private CommandStep<C, R> newStep() {
    return new CommandStep<>(definition.newMachine().get(), definition.commandType(), store);
  }
}
