package org.headrace.topology.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.RecordHeader;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.processor.MachineDefinition;
import org.headrace.topology.store.ChangelogTail;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the ends of a topology's topics before it starts, and does what {@link RecoveryPlan}
 * says: rewinds committed offsets, pads the commands, takes lost decisions out of the store (design
 * D3).
 */
public final class Recovery<C, R extends LogRecord> {
  private static final System.Logger LOG = System.getLogger(Recovery.class.getName());
  private static final Duration GROUP_PAUSE = Duration.ofMillis(200);
  private static final Duration GROUP_EMPTY_WAIT = Duration.ofSeconds(20);

  private final MachineDefinition<C, R> definition;
  private final Partitions partitions;
  private final Map<String, Object> clientConfig;
  private final Path stateFolder;
  private final InstantSource clock;

  public Recovery(
      MachineDefinition<C, R> definition,
      Partitions partitions,
      Map<String, Object> clientConfig,
      Path stateFolder,
      InstantSource clock) {
    this.definition = definition;
    this.partitions = partitions;
    this.clientConfig = clientConfig;
    this.stateFolder = stateFolder;
    this.clock = clock;
  }

  /**
   * Returns what was found and done, a line each; nothing after a clean stop or a kill -9.
   *
   * @param shown for each partition the highest position that a reader may have shown to clients
   */
  public List<String> run(IntFunction<Position> shown) {
    List<String> report = new ArrayList<>();
    try (Admin admin = Admin.create(clientConfig);
        TailReader tails = new TailReader(clientConfig)) {
      Set<String> topics = admin.listTopics().names().get();
      var committed =
          admin.listConsumerGroupOffsets(definition.name()).partitionsToOffsetAndMetadata().get();
      Map<TopicPartition, OffsetAndMetadata> commits = new LinkedHashMap<>();
      boolean wipe = false;
      for (int p = 0; p < partitions.count(definition.family()); p++) {
        TopicPartition commands = new TopicPartition(definition.commands().topicName(), p);
        OffsetAndMetadata commit = committed.get(commands);
        boolean hasChangelog = topics.contains(definition.changelog());
        var found =
            find(tails, p, commit == null ? null : commit.offset(), hasChangelog, shown.apply(p));
        RecoveryPlan plan = RecoveryPlan.of(found);
        if (plan.keepUpTo() != null) {
          takeOut(tails, p, plan.keepUpTo(), found.storeOffset());
        }
        pad(tails, p, found.commandsEnd(), plan.padOrdinals());
        if (commit == null || plan.rewound()) {
          commits.put(commands, new OffsetAndMetadata(plan.from()));
        }
        wipe |= plan.wipeLocal();
        describe(p, found, plan, report);
      }
      if (wipe) {
        delete(stateFolder.resolve(definition.name()));
      }
      if (!commits.isEmpty()) {
        commit(admin, commits);
      }
      return report;
    } catch (ExecutionException e) {
      throw new IllegalStateException("recovery of " + definition.name() + " failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("recovery was interrupted", e);
    }
  }

  private RecoveryPlan.Found find(
      TailReader tails, int p, @Nullable Long committed, boolean hasChangelog, Position shown) {
    // After a crash the log repeats what followed the commit: its last record need not be the
    // highest.
    long since = committed == null ? Long.MAX_VALUE : committed;
    ConsumerRecord<byte[], byte[]> highest = null;
    for (var record :
        tails.backTo(partition(definition.log(), p), r -> headerPosition(r).offset() < since)) {
      if (highest == null || headerPosition(record).isAfter(headerPosition(highest))) {
        highest = record;
      }
    }
    Position logLast = highest == null ? Position.NONE : headerPosition(highest);
    boolean whole =
        highest == null || LogJson.decode(highest.value(), definition.recordType()).last();
    StoreEnd store = hasChangelog ? storeEnd(tails, p) : new StoreEnd(Position.NONE, Position.NONE);
    return new RecoveryPlan.Found(
        tails.end(partition(definition.commands(), p)),
        committed,
        logLast,
        whole,
        offset(store.progress()),
        offset(store.written()),
        besideMissingFrom(tails, p),
        offset(shown));
  }

  /** The last command that was written completely, and the last of which anything was. */
  private record StoreEnd(Position progress, Position written) {}

  private StoreEnd storeEnd(TailReader tails, int p) {
    Position progress = Position.NONE;
    Position written = Position.NONE;
    for (var record : tails.backTo(changelog(p), r -> progressOf(r) != null)) {
      Position said = progressOf(record);
      progress = said == null ? progress : said;
      Position at = ChangelogTail.writtenAt(record.key(), record.value());
      written = at.isAfter(written) ? at : written;
    }
    return new StoreEnd(progress, progress.isAfter(written) ? progress : written);
  }

  private static @Nullable Position progressOf(ConsumerRecord<byte[], byte[]> record) {
    return ChangelogTail.progress(record.key(), record.value());
  }

  /** The first command in the log's tail whose companion beside the log did not survive. */
  private @Nullable Long besideMissingFrom(TailReader tails, int p) {
    Position last = Position.NONE;
    for (var record : tails.backTo(partition(definition.beside(), p), r -> true)) {
      last = headerPosition(record);
    }
    long besideOffset = offset(last);
    var log =
        tails.backTo(
            partition(definition.log(), p), r -> headerPosition(r).offset() <= besideOffset);
    for (var record : log) {
      if (headerPosition(record).offset() > besideOffset) {
        R decoded = LogJson.decode(record.value(), definition.recordType());
        if (definition.hasBeside().test(decoded)) {
          return decoded.position().offset();
        }
      }
    }
    return null;
  }

  private static Position headerPosition(ConsumerRecord<byte[], byte[]> record) {
    return RecordHeader.decode(record.headers().lastHeader(RecordHeader.POSITION).value());
  }

  /** Tombstones in the changelog for what decisions after the offset wrote. */
  private void takeOut(TailReader tails, int p, long keepUpTo, long storeOffset) {
    TopicPartition changelog = changelog(p);
    var records =
        tails.backTo(
            changelog,
            r -> {
              Position progress = progressOf(r);
              return progress != null && progress.offset() <= keepUpTo;
            });
    Map<ByteBuffer, ConsumerRecord<byte[], byte[]>> newest = new LinkedHashMap<>();
    for (var record : records) {
      newest.put(ByteBuffer.wrap(record.key()), record);
    }
    try (var producer = producer()) {
      for (var record : newest.values()) {
        Position written = ChangelogTail.writtenAt(record.key(), record.value());
        if (offset(written) > keepUpTo) {
          producer.send(new ProducerRecord<>(changelog.topic(), p, record.key(), null));
        }
      }
      long complete = Math.min(keepUpTo, storeOffset);
      Position kept = complete < 0 ? Position.NONE : Position.ofOffset(complete);
      producer.send(
          new ProducerRecord<>(
              changelog.topic(),
              p,
              ChangelogTail.progressKey(),
              kept.equals(Position.NONE) ? null : ChangelogTail.progressValue(kept)));
      producer.flush();
    }
  }

  private void pad(TailReader tails, int p, long firstOffset, List<Integer> ordinals)
      throws ExecutionException, InterruptedException {
    if (ordinals.isEmpty()) {
      return;
    }
    Map<Long, SortedMap<Position, byte[]>> logged = logged(tails, p, firstOffset);
    try (var producer = producer()) {
      long offset = firstOffset;
      Future<RecordMetadata> last = null;
      for (int ordinal : ordinals) {
        String id = "pad:" + definition.family() + ":" + p + ":" + offset;
        var records = List.copyOf(logged.getOrDefault(offset, new TreeMap<>()).values());
        C pad = definition.commandType().pad(id, clock.millis(), ordinal, records);
        offset++;
        last =
            producer.send(
                new ProducerRecord<>(
                    definition.commands().topicName(),
                    p,
                    definition.commandType().padKey().getBytes(StandardCharsets.UTF_8),
                    LogJson.encode(pad)));
      }
      if (last == null || last.get().offset() != offset - 1) {
        throw new IllegalStateException("someone else writes commands during recovery");
      }
    }
  }

  /** The log's records from this command offset on, by command offset and each once. */
  private Map<Long, SortedMap<Position, byte[]>> logged(TailReader tails, int p, long firstOffset) {
    Map<Long, SortedMap<Position, byte[]>> logged = new LinkedHashMap<>();
    for (var record :
        tails.backTo(
            partition(definition.log(), p), r -> headerPosition(r).offset() < firstOffset)) {
      Position position = headerPosition(record);
      if (position.offset() >= firstOffset) {
        logged
            .computeIfAbsent(position.offset(), o -> new TreeMap<>())
            .put(position, record.value());
      }
    }
    return logged;
  }

  private void commit(Admin admin, Map<TopicPartition, OffsetAndMetadata> offsets)
      throws ExecutionException, InterruptedException {
    long deadline = clock.millis() + GROUP_EMPTY_WAIT.toMillis();
    while (true) {
      try {
        admin.alterConsumerGroupOffsets(definition.name(), offsets).all().get();
        return;
      } catch (ExecutionException e) {
        // The killed process may still count as a member.
        if (clock.millis() > deadline) {
          throw e;
        }
        removeMembers(admin);
        Thread.sleep(GROUP_PAUSE);
      }
    }
  }

  /** Fails where the member has just gone by itself, which is as well. */
  private void removeMembers(Admin admin) throws InterruptedException {
    try {
      admin
          .removeMembersFromConsumerGroup(
              definition.name(), new RemoveMembersFromConsumerGroupOptions())
          .all()
          .get();
    } catch (ExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "members of " + definition.name() + " stay for now", e);
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> settings = new HashMap<>(clientConfig);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static long offset(Position position) {
    return position.equals(Position.NONE) ? -1 : position.offset();
  }

  private static TopicPartition partition(Topic topic, int p) {
    return new TopicPartition(topic.topicName(), p);
  }

  private TopicPartition changelog(int p) {
    return new TopicPartition(definition.changelog(), p);
  }

  private void describe(int p, RecoveryPlan.Found found, RecoveryPlan plan, List<String> report) {
    String name = definition.commands().topicName() + "/" + p;
    if (plan.rewound()) {
      report.add(
          name
              + ": outputs are missing; commands from "
              + plan.from()
              + " to "
              + found.commandsEnd()
              + " are decided again");
    }
    if (!plan.padOrdinals().isEmpty()) {
      report.add(
          name
              + ": "
              + plan.padOrdinals().size()
              + " commands are missing; their positions are not used again");
    }
    if (plan.keepUpTo() != null) {
      report.add(name + ": decisions after " + plan.keepUpTo() + " were lost and are taken out");
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
