package org.headrace.topology.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Looks at the ends of a topology's topics before it starts, and does what {@link RecoveryPlan}
 * says: rewinds committed offsets, pads the commands, takes lost decisions out of the store (design
 * D3).
 */
public final class Recovery<C, R extends LogRecord> {
  private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

  /** How the ids of recovery's padding commands begin. */
  static final String PAD_ID = "pad:";

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
      for (int p = 0; p < partitions.count(definition.family()); p++) {
        TopicPartition commands = new TopicPartition(definition.commands().topicName(), p);
        OffsetAndMetadata commit = committed.get(commands);
        Changelog<C, R> changelog =
            new Changelog<>(definition, p, tails, topics.contains(definition.changelog()));
        Long offset = commit == null ? null : commit.offset();
        RecoveryPlan.Found found = find(tails, p, offset, changelog.end(), shown.apply(p));
        RecoveryPlan plan = RecoveryPlan.of(found);
        describe(p, found, plan, report);
        LocalStore local = localStore(p);
        if (plan.restoreLocal()) {
          // First: what recovery writes says that it is done.
          local.delete();
        } else if (isAhead(local, changelog, found)) {
          local.delete();
          report.add(
              definition.commands().topicName()
                  + "/"
                  + p
                  + ": the local store is ahead of what is on the topics; it is restored");
        }
        mend(changelog, found, plan);
        pad(tails, p, found.commandsEnd(), plan.padOrdinals());
        if (commit == null || plan.rewound()) {
          commits.put(commands, new OffsetAndMetadata(plan.from()));
        }
      }
      if (!commits.isEmpty()) {
        commit(admin, commits);
      }
      return report;
    } catch (ExecutionException e) {
      throw new IllegalStateException("recovery of " + definition.name() + " failed", e.getCause());
    } catch (RocksDBException e) {
      throw new IllegalStateException("recovery of " + definition.name() + " failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("recovery was interrupted", e);
    }
  }

  private void mend(Changelog<C, R> changelog, RecoveryPlan.Found found, RecoveryPlan plan)
      throws RocksDBException {
    try (var producer = producer()) {
      long logOffset = RecoveryPlan.offset(found.logLast());
      if (plan.rebuild()) {
        Path scratch = stateFolder.resolve(definition.name() + "-rebuild");
        changelog.rebuild(producer, scratch, plan.from(), Math.max(logOffset, plan.from() - 1));
        return;
      }
      if (plan.keepUpTo() != null) {
        changelog.takeOut(producer, plan.keepUpTo());
      }
      if (found.store().begun() < logOffset) {
        // So that what is decided again says what it repeats; see RecordHeader.HIGHEST.
        changelog.begin(producer, logOffset);
      }
    }
  }

  private LocalStore localStore(int p) {
    return new LocalStore(stateFolder, definition.name(), definition.storeName(), p);
  }

  /** Whether a local store holds what no topic has (any more), or cannot say. */
  private boolean isAhead(LocalStore local, Changelog<C, R> changelog, RecoveryPlan.Found found) {
    try {
      LocalStore.End end = local.end(changelog.partition());
      return end != null
          && (end.changelogOffset() >= changelog.endOffset()
              || RecoveryPlan.offset(end.begun().position()) >= found.commandsEnd()
              || changelog.paddedFrom(end.begun(), end.progress()) != null);
    } catch (RocksDBException e) {
      LOG.log(System.Logger.Level.WARNING, "the local store of " + changelog.partition(), e);
      return true;
    }
  }

  private RecoveryPlan.Found find(
      TailReader tails, int p, @Nullable Long committed, RecoveryPlan.Store store, Position shown) {
    // After a crash the log repeats what followed the commit: its last record need not be the
    // highest. One that repeats nothing is higher than all before it.
    ConsumerRecord<byte[], byte[]> highest = null;
    for (var record : tails.backTo(partition(definition.log(), p), r -> !repeats(r))) {
      if (highest == null || headerPosition(record).isAfter(headerPosition(highest))) {
        highest = record;
      }
    }
    Position logLast = highest == null ? Position.NONE : headerPosition(highest);
    boolean whole =
        highest == null || LogJson.decode(highest.value(), definition.recordType()).last();
    TopicPartition commands = partition(definition.commands(), p);
    return new RecoveryPlan.Found(
        tails.begin(commands),
        tails.end(commands),
        committed,
        logLast,
        whole,
        store,
        besideMissingFrom(tails, p),
        RecoveryPlan.offset(shown));
  }

  /** The first command in the log's tail whose companion beside the log did not survive. */
  private @Nullable Long besideMissingFrom(TailReader tails, int p) {
    Position last = Position.NONE;
    for (var record : tails.backTo(partition(definition.beside(), p), r -> true)) {
      last = headerPosition(record);
    }
    long besideOffset = RecoveryPlan.offset(last);
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

  private static boolean repeats(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(RecordHeader.HIGHEST) != null;
  }

  static Position headerPosition(ConsumerRecord<byte[], byte[]> record) {
    return RecordHeader.decode(record.headers().lastHeader(RecordHeader.POSITION).value());
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
        String id = PAD_ID + definition.family() + ":" + p + ":" + offset;
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
            partition(definition.log(), p),
            r -> headerPosition(r).offset() < firstOffset && !repeats(r))) {
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

  private static TopicPartition partition(Topic topic, int p) {
    return new TopicPartition(topic.topicName(), p);
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
    if (plan.rebuild()) {
      report.add(
          name
              + ": the store no longer holds what command "
              + plan.from()
              + " must see; it is rebuilt from "
              + definition.log().topicName());
    }
  }
}
