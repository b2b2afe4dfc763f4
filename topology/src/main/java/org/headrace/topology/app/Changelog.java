package org.headrace.topology.app;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.ChangelogTail;
import org.headrace.topology.store.ChangelogTail.Begun;
import org.headrace.topology.store.ChangelogTail.Progress;
import org.headrace.topology.store.StoreRebuild;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** The changelog of one partition's store, while no task runs. */
final class Changelog<C, R extends LogRecord> {
  private final MachineDefinition<C, R> definition;
  private final int p;
  private final TailReader tails;
  private final boolean exists;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private Progress progress = Progress.NONE;
  private Begun begun = Begun.NONE;

  Changelog(MachineDefinition<C, R> definition, int p, TailReader tails, boolean exists) {
    this.definition = definition;
    this.p = p;
    this.tails = tails;
    this.exists = exists;
  }

  TopicPartition partition() {
    return new TopicPartition(definition.changelog(), p);
  }

  long endOffset() {
    return exists ? tails.end(partition()) : 0;
  }

  /** What it says of the store. */
  RecoveryPlan.Store end() {
    if (exists) {
      // Whoever writes progress has written before that it began.
      for (var record : tails.backTo(partition(), r -> progressOf(r) != null)) {
        Progress said = progressOf(record);
        progress = said == null ? progress : said;
        Begun began = begunOf(record);
        begun = began == null ? begun : began;
      }
    }
    return new RecoveryPlan.Store(
        RecoveryPlan.offset(progress.position()),
        RecoveryPlan.offset(begun.position()),
        begun.floor(),
        paddedFrom(begun, progress));
  }

  private static @Nullable Progress progressOf(ConsumerRecord<byte[], byte[]> record) {
    return ChangelogTail.progress(record.key(), record.value());
  }

  private static @Nullable Begun begunOf(ConsumerRecord<byte[], byte[]> record) {
    return ChangelogTail.begun(record.key(), record.value());
  }

  /** See {@link RecoveryPlan.Store}. */
  @Nullable Long paddedFrom(Begun begun, Progress progress) {
    TopicPartition commands = commands();
    long last = Math.min(RecoveryPlan.offset(begun.position()), tails.end(commands) - 1);
    ConsumerRecord<byte[], byte[]> command = last < 0 ? null : tails.at(commands, last);
    if (command == null || !isPadding(command) || progress.lastPad() >= last) {
      return null;
    }
    long from = last + 1;
    for (var record : tails.backTo(commands, last + 1, r -> !isPadding(r)).reversed()) {
      if (!isPadding(record)) {
        break;
      }
      from = record.offset();
    }
    return from;
  }

  /** Whether recovery has put it there; others that change nothing only ask for an answer. */
  private boolean isPadding(ConsumerRecord<byte[], byte[]> command) {
    try {
      C decoded = definition.commandType().decode(command.value());
      return definition.commandType().padding(decoded).isPresent()
          && definition.commandType().id(decoded).startsWith(Recovery.PAD_ID);
    } catch (UncheckedIOException | IllegalArgumentException e) {
      return false;
    }
  }

  private TopicPartition commands() {
    return partition(definition.commands());
  }

  private TopicPartition partition(Topic topic) {
    return new TopicPartition(topic.topicName(), p);
  }

  /** Tombstones for what commands after the offset wrote. */
  void takeOut(Producer<byte[], byte[]> producer, long keepUpTo) {
    var records =
        tails.backTo(
            partition(),
            r -> {
              Begun began = begunOf(r);
              return began != null && RecoveryPlan.offset(began.position()) <= keepUpTo;
            });
    Map<ByteBuffer, ConsumerRecord<byte[], byte[]>> newest = new LinkedHashMap<>();
    for (var record : records) {
      newest.put(ByteBuffer.wrap(record.key()), record);
    }
    for (var record : newest.values()) {
      Position written = ChangelogTail.writtenAt(record.key(), record.value());
      if (record.value() != null && RecoveryPlan.offset(written) > keepUpTo) {
        put(producer, record.key(), null);
      }
    }
    long complete = Math.min(keepUpTo, RecoveryPlan.offset(progress.position()));
    long lastPad = progress.lastPad() > keepUpTo ? -1 : progress.lastPad();
    Progress kept = new Progress(position(complete), lastPad);
    put(producer, ChangelogTail.progressKey(), ChangelogTail.encode(kept));
    flush(producer);
  }

  /** Says that something of this offset may be there. */
  void begin(Producer<byte[], byte[]> producer, long offset) {
    if (exists) {
      put(producer, new Begun(position(offset), begun.floor()));
      flush(producer);
    }
  }

  /**
   * Replaces all by what the log says of the state before a command. Until it is finished, the
   * changelog says that it is good for nothing.
   *
   * @param scratch a folder for the while
   * @param highest the highest offset in the log
   */
  void rebuild(Producer<byte[], byte[]> producer, Path scratch, long before, long highest)
      throws RocksDBException {
    if (!exists) {
      throw new IllegalStateException(
          partition() + " is gone, and commands before " + before + " are no longer kept");
    }
    put(producer, Begun.NOTHING);
    flush(producer);
    try (ScratchStore store = new ScratchStore(scratch)) {
      replay(store, before);
      tails.all(
          partition(),
          record -> {
            if (record.value() != null && store.get(record.key()) == null && !isFrame(record)) {
              put(producer, record.key(), null);
            }
          });
      try (var all = store.all()) {
        for (var entry = all.next(); entry != null; entry = all.next()) {
          if (ChangelogTail.progress(entry.key(), entry.value()) == null
              && ChangelogTail.begun(entry.key(), entry.value()) == null) {
            put(producer, entry.key(), entry.value());
          }
        }
      }
      flush(producer);
      byte[] begunKey = ChangelogTail.begunKey();
      Begun made = ChangelogTail.begun(begunKey, store.get(begunKey));
      put(producer, new Begun(position(highest), made == null ? Position.NONE : made.floor()));
      byte[] reached = ChangelogTail.encode(new Progress(position(before - 1), -1));
      put(producer, ChangelogTail.progressKey(), reached);
      flush(producer);
    }
  }

  private static Position position(long offset) {
    return offset < 0 ? Position.NONE : Position.ofOffset(offset);
  }

  private static boolean isFrame(ConsumerRecord<byte[], byte[]> record) {
    return progressOf(record) != null || begunOf(record) != null;
  }

  private void replay(ScratchStore store, long before) {
    var rebuild = new StoreRebuild<R>(definition.newMachine().get(), store, before);
    tails.all(
        partition(definition.log()),
        record ->
            rebuild.log(
                LogJson.decode(record.value(), definition.recordType()), record.timestamp()));
    tails.all(
        partition(definition.beside()),
        record ->
            rebuild.beside(
                new String(record.key(), StandardCharsets.UTF_8),
                record.value(),
                Recovery.headerPosition(record)));
    rebuild.finish();
  }

  private void put(Producer<byte[], byte[]> producer, Begun begun) {
    put(producer, ChangelogTail.begunKey(), ChangelogTail.encode(begun));
  }

  private void put(Producer<byte[], byte[]> producer, byte[] key, byte @Nullable [] value) {
    producer.send(
        new ProducerRecord<>(partition().topic(), p, key, value),
        (metadata, e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          }
        });
  }

  private void flush(Producer<byte[], byte[]> producer) {
    producer.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException(partition() + " could not be written", e);
    }
  }
}
