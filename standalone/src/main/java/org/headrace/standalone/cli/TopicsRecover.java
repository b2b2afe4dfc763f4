package org.headrace.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.headrace.account.account.AccountTopology;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.LogRecord;
import org.headrace.standalone.broker.TopicPlan;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.app.Recovery;
import org.headrace.topology.processor.MachineDefinition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * What one process does at each start, for a deployment of several: after brokers lost what they
 * had acknowledged (a power cut of all), or how far the topologies are was forgotten. Needs the
 * topics for itself.
 */
@Command(
    name = "recover",
    description = {
      "Compares the ends of the topics and mends what a power cut of all brokers broke.",
      "All processes must be stopped; if it says that it did something, remove the streams folders"
          + " of rooms and accounts processes before they start again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TopicsRecover implements Callable<Integer> {
  @Mixin KafkaOptions kafka = new KafkaOptions();
  @Mixin FolderOptions folder = new FolderOptions();

  @Override
  public Integer call() throws StartException, IOException, InterruptedException {
    Map<String, Object> config = TopicsCommand.kafka(folder, kafka).clientConfig();
    Path scratch = Files.createTempDirectory("headrace-recover");
    try (Admin admin = Admin.create(config)) {
      Partitions partitions =
          TopicPlan.partitions(admin)
              .orElseThrow(() -> new StartException("the brokers have no topics of Headrace"));
      int found = 0;
      found += recover(admin, config, RoomTopology.definition(), partitions, scratch);
      found += recover(admin, config, AccountTopology.definition(), partitions, scratch);
      System.out.println(found == 0 ? "nothing to do" : "done");
      return 0;
    } catch (IllegalStateException e) {
      throw new StartException(e.getMessage() == null ? e.toString() : e.getMessage());
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private static <C, R extends LogRecord> int recover(
      Admin admin,
      Map<String, Object> config,
      MachineDefinition<C, R> definition,
      Partitions partitions,
      Path scratch)
      throws StartException, InterruptedException {
    requireStopped(admin, definition.name());
    List<String> report =
        new Recovery<>(definition, partitions, config, scratch, InstantSource.system())
            .run(partition -> Position.NONE);
    report.forEach(System.out::println);
    return report.size();
  }

  private static void requireStopped(Admin admin, String group)
      throws StartException, InterruptedException {
    try {
      var described = admin.describeConsumerGroups(List.of(group)).describedGroups();
      int members = Objects.requireNonNull(described.get(group)).get().members().size();
      if (members > 0) {
        throw new StartException(
            group + " has " + members + " running processes; stop them, wait 10 s, try again");
      }
    } catch (ExecutionException e) {
      // A group that never was has no members.
      if (!(e.getCause() instanceof org.apache.kafka.common.errors.GroupIdNotFoundException)) {
        throw new StartException("the brokers do not answer: " + e.getCause());
      }
    }
  }
}
