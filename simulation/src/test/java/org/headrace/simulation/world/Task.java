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
import org.headrace.topology.store.ChangelogTail.Begun;
import org.headrace.topology.store.ChangelogTail.Progress;
import org.headrace.topology.store.KeyValues.Write;
import org.headrace.topology.store.StoreRebuild;
import org.headrace.topology.store.VersionedStore;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a topology as Kafka Streams runs it at_least_once: what it sends lies in a
 * producer's buffers, each topic in order, until it is flushed or the process dies; the store
 * writes locally and to a changelog; a commit flushes all and then notes the offset.
 */
final class Task<C, R extends LogRecord> {
  private final MachineDefinition<C, R> definition;
  private final int partition;
  private final FakeLog log;
  private final Faults faults;
  private final Random random;
  private final long keptMillis;
  private int rebuilds;

  // What survives.
  private final List<Write> changelog = new ArrayList<>();
  private int committed;
  private NavigableMap<byte[], byte[]> local = CrashingKeyValues.empty();
  private NavigableMap<byte[], byte[]> localAtCheckpoint = CrashingKeyValues.empty();
  private final List<List<Write>> writtenSince = new ArrayList<>();
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
      Random random,
      long keptMillis) {
    this.definition = definition;
    this.partition = partition;
    this.log = log;
    this.faults = faults;
    this.random = random;
    this.keptMillis = keptMillis;
    this.store = openStore();
    this.step = newStep();
  }

  VersionedStore store() {
    return store;
  }

  /** How many entries the store holds, whoever wrote them. */
  long entries() {
    return local.keySet().stream().filter(key -> key[0] == 'e').count();
  }

  long rows() {
    return local.size();
  }

  /** How many keys compaction leaves of the changelog. */
  long compactedChangelog() {
    NavigableMap<byte[], byte[]> newest = CrashingKeyValues.empty();
    CrashingKeyValues.put(newest, changelog);
    return newest.size();
  }

  int rebuilds() {
    return rebuilds;
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
        boolean beside =
            output.topic().family() == definition.family()
                && output.topic() != definition.commands();
        int target =
            beside ? partition : log.partitions().of(output.topic().family(), output.key());
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
    if (committed > 0) {
      store.committedBefore(Position.ofOffset(committed));
    }
    return true;
  }

  /** Dies and comes back. */
  void crash() {
    die();
    restart();
  }

  /** With all, some or none of what the local store held. */
  private void die() {
    buffers.clear();
    changelogBuffer.clear();
    switch (random.nextInt(3)) {
      case 0 -> {} // The local store has even what the changelog never got.
      case 1 -> {
        local = CrashingKeyValues.empty();
        local.putAll(localAtCheckpoint);
        int kept = random.nextInt(writtenSince.size() + 1);
        writtenSince.subList(0, kept).forEach(batch -> CrashingKeyValues.put(local, batch));
      }
      default -> wipe();
    }
    writtenSince.clear();
  }

  private void wipe() {
    local = CrashingKeyValues.empty();
    localAtCheckpoint = CrashingKeyValues.empty();
    checkpoint = 0;
  }

  /** Restores the local store from its changelog, and goes on from the commit. */
  private void restart() {
    CrashingKeyValues.put(local, changelog.subList(checkpoint, changelog.size()));
    localAtCheckpoint = CrashingKeyValues.empty();
    localAtCheckpoint.putAll(local);
    checkpoint = changelog.size();
    next = committed;
    store = openStore();
    step = newStep();
  }

  /**
   * The power goes: topics and changelog lose up to so many records each, at random. What recovery
   * would do is done, and the task goes on. The consumer's offsets survive; of the local store any
   * part, also what no topic has any more.
   *
   * @param shown the highest command offset whose records a reader has taken; -1: none
   */
  void powerCut(int recordsMax, long shown) {
    die();
    log.cut(definition.commands(), partition, random.nextInt(recordsMax + 1));
    log.cut(definition.log(), partition, random.nextInt(recordsMax + 1));
    log.cut(definition.beside(), partition, random.nextInt(recordsMax + 1));
    int changelogCut = random.nextInt(4 * recordsMax + 1);
    changelog.subList(Math.max(0, changelog.size() - changelogCut), changelog.size()).clear();
    recover(shown);
    restart();
  }

  private void recover(long shown) {
    List<Entry> records = log.of(definition.log(), partition);
    Position logLast = Position.NONE;
    boolean whole = true;
    for (Entry entry : records) {
      if (entry.position().isAfter(logLast)) {
        logLast = entry.position();
        whole = record(entry).last();
      }
    }
    Progress progress = Progress.NONE;
    Begun begun = Begun.NONE;
    for (Write write : changelog) {
      Progress said = ChangelogTail.progress(write.key(), write.value());
      progress = said == null ? progress : said;
      Begun began = ChangelogTail.begun(write.key(), write.value());
      begun = began == null ? begun : began;
    }
    Plans.Plan plan =
        Plans.of(
            commands().size(),
            committed,
            logLast,
            whole,
            progress,
            begun,
            paddedFrom(begun, progress),
            besideMissingFrom(),
            shown);
    if (plan.restoreLocal() || localIsAhead()) {
      wipe();
    }
    if (plan.rebuild()) {
      rebuild(plan.from(), Math.max(offset(logLast), plan.from() - 1));
    } else {
      if (plan.keepUpTo() != null) {
        takeOut(plan.keepUpTo(), progress);
      }
      if (offset(begun.position()) < offset(logLast)) {
        Begun raised = new Begun(Position.ofOffset(offset(logLast)), begun.floor());
        changelog.add(new Write(ChangelogTail.begunKey(), ChangelogTail.encode(raised)));
      }
    }
    pad(plan.padOrdinals());
    committed = (int) plan.from();
  }

  /** See {@code RecoveryPlan.Store}. */
  private @Nullable Long paddedFrom(Begun begun, Progress progress) {
    long last = Math.min(offset(begun.position()), commands().size() - 1);
    if (last < 0 || progress.lastPad() >= last || !isPadding(last)) {
      return null;
    }
    long from = last;
    while (from > 0 && isPadding(from - 1)) {
      from--;
    }
    return from;
  }

  private boolean isPadding(long offset) {
    return commands().get((int) offset).key().equals(definition.commandType().padKey());
  }

  private boolean localIsAhead() {
    byte[] progressKey = ChangelogTail.progressKey();
    Progress progress = ChangelogTail.progress(progressKey, local.get(progressKey));
    byte[] begunKey = ChangelogTail.begunKey();
    Begun begun = ChangelogTail.begun(begunKey, local.get(begunKey));
    return checkpoint > changelog.size()
        || (begun != null
            && (offset(begun.position()) >= commands().size()
                || paddedFrom(begun, progress == null ? Progress.NONE : progress) != null));
  }

  /** The store as the log says that it was before a command, into the changelog. */
  private void rebuild(long before, long highest) {
    rebuilds++;
    NavigableMap<byte[], byte[]> made = CrashingKeyValues.empty();
    var keyValues = new CrashingKeyValues(made, Faults.none(), writes -> {});
    var rebuild = new StoreRebuild<R>(definition.newMachine().get(), keyValues, before);
    for (Entry entry : log.of(definition.log(), partition)) {
      rebuild.log(record(entry), entry.ts());
    }
    for (Entry entry : log.of(definition.beside(), partition)) {
      rebuild.beside(entry.key(), entry.value(), entry.position());
    }
    rebuild.finish();
    for (Write write : List.copyOf(changelog)) {
      if (!made.containsKey(write.key())) {
        changelog.add(new Write(write.key(), null));
      }
    }
    byte[] begunKey = ChangelogTail.begunKey();
    Begun begun = ChangelogTail.begun(begunKey, made.get(begunKey));
    Position floor = begun == null ? Position.NONE : begun.floor();
    Position last = highest < 0 ? Position.NONE : Position.ofOffset(highest);
    made.put(begunKey, ChangelogTail.encode(new Begun(last, floor)));
    made.forEach((key, value) -> changelog.add(new Write(key, value)));
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

  private void takeOut(long keepUpTo, Progress progress) {
    NavigableMap<byte[], Write> newest = new TreeMap<>(Arrays::compareUnsigned);
    changelog.forEach(write -> newest.put(write.key(), write));
    for (Write write : newest.values()) {
      if (offset(ChangelogTail.writtenAt(write.key(), write.value())) > keepUpTo) {
        changelog.add(new Write(write.key(), null));
      }
    }
    long whole = Math.min(keepUpTo, offset(progress.position()));
    Progress kept =
        new Progress(
            whole < 0 ? Position.NONE : Position.ofOffset(whole),
            progress.lastPad() > keepUpTo ? -1 : progress.lastPad());
    changelog.add(new Write(ChangelogTail.progressKey(), ChangelogTail.encode(kept)));
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

  private VersionedStore openStore() {
    return new VersionedStore(
        new CrashingKeyValues(
            local,
            faults,
            writes -> {
              writtenSince.add(writes);
              changelogBuffer.addAll(writes);
            }),
        keptMillis);
  }

  private CommandStep<C, R> newStep() {
    return new CommandStep<>(definition.newMachine().get(), definition.commandType(), store);
  }
}
