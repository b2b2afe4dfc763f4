package org.headrace.topology.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.processor.MachineDefinition;
import org.rocksdb.RocksDBException;

/**
 * What a process looks at before it joins others that may be deciding already, where {@link
 * Recovery}, which needs the topics for itself, cannot run: that the group goes on where commands
 * are, and that its local stores hold nothing that the topics have not, nor are so old that they
 * missed deletions.
 */
public final class JoinCheck<C, R extends LogRecord> {
  /**
   * A changelog forgets its tombstones after a day (delete.retention.ms): a store that was away for
   * longer than this restores from the beginning.
   */
  static final Duration LOCAL_STORE_AGE_MAX = Duration.ofHours(12);

  private final MachineDefinition<C, R> definition;
  private final Partitions partitions;
  private final Map<String, Object> clientConfig;
  private final Path stateFolder;
  private final InstantSource clock;

  public JoinCheck(
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
   * Deletes local stores that are of no use, and returns a line for each. Throws {@link
   * IllegalStateException} with one line if commands are missing where the group must go on.
   */
  public List<String> run() {
    List<String> report = new ArrayList<>();
    try (Admin admin = Admin.create(clientConfig);
        TailReader tails = new TailReader(clientConfig)) {
      Set<String> topics = admin.listTopics().names().get();
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(definition.name()).partitionsToOffsetAndMetadata().get();
      for (int p = 0; p < partitions.count(definition.family()); p++) {
        TopicPartition commands = new TopicPartition(definition.commands().topicName(), p);
        OffsetAndMetadata commit = committed.get(commands);
        if (commit == null
            || commit.offset() < tails.begin(commands)
            || commit.offset() > tails.end(commands)) {
          throw new IllegalStateException(
              commands
                  + " has no commands where "
                  + definition.name()
                  + " must go on ("
                  + (commit == null ? "not known" : commit.offset())
                  + "); stop all processes and run headrace topics recover");
        }
        local(tails, p, topics.contains(definition.changelog()), report);
      }
      return report;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the log does not answer: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the check was interrupted", e);
    }
  }

  private void local(TailReader tails, int p, boolean hasChangelog, List<String> report) {
    LocalStore local = new LocalStore(stateFolder, definition.name(), definition.storeName(), p);
    Changelog<C, R> changelog = new Changelog<>(definition, p, tails, hasChangelog);
    String why;
    try {
      LocalStore.End end = local.end(changelog.partition());
      if (end == null) {
        return;
      }
      if (isAhead(tails, p, changelog, end)) {
        why = "is ahead of what is on the topics";
      } else if (clock.millis() - local.modifiedMillis() > LOCAL_STORE_AGE_MAX.toMillis()) {
        why = "is more than " + LOCAL_STORE_AGE_MAX.toHours() + " h old";
      } else {
        return;
      }
    } catch (RocksDBException e) {
      why = "cannot be read (" + e.getMessage() + ")";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    local.delete();
    report.add(
        definition.name() + "/" + p + ": the local store " + why + "; it is restored if needed");
  }

  private boolean isAhead(
      TailReader tails, int p, Changelog<C, R> changelog, LocalStore.End local) {
    TopicPartition commands = new TopicPartition(definition.commands().topicName(), p);
    return local.changelogOffset() >= changelog.endOffset()
        || RecoveryPlan.offset(local.begun().position()) >= tails.end(commands)
        || changelog.paddedFrom(local.begun(), local.progress()) != null;
  }
}
