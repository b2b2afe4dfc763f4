package org.headrace.standalone.cli;

import java.io.Console;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.headrace.schema.log.Partitions;
import org.headrace.standalone.broker.TopicPlan;
import org.headrace.standalone.broker.WantedTopics;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace topics}: the topics of a deployment on brokers of its own. */
@Command(
    name = "topics",
    description = "Topics on brokers of your own.",
    mixinStandardHelpOptions = true,
    subcommands = {TopicsCommand.Apply.class, TopicsRecover.class})
final class TopicsCommand {
  /** The brokers that a command was told of. */
  static KafkaSettings kafka(FolderOptions folder, KafkaOptions options) throws StartException {
    Map<Setting, String> flags = folder.flags();
    options.put(flags);
    return Settings.resolve(flags, System.getenv())
        .cluster()
        .orElseThrow(() -> new StartException("which brokers? " + Setting.KAFKA.flag()))
        .kafka();
  }

  /** Makes the topics, or brings them to what they should be. */
  @Command(
      name = "apply",
      description = "Makes the topics, or mends them; shows first what it would do.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class Apply implements Callable<Integer> {
    private static final int PARTITIONS_DEFAULT = 12;
    private static final int PARTITIONS_MAX = 10_000;

    @Mixin KafkaOptions kafka = new KafkaOptions();

    @Option(
        names = "--room-partitions",
        paramLabel = "N",
        description = "for new topics, and fixed from then on [12]")
    @Nullable Integer roomPartitions;

    @Option(
        names = "--account-partitions",
        paramLabel = "N",
        description = "for new topics, and fixed from then on [12]")
    @Nullable Integer accountPartitions;

    @Option(
        names = "--replication",
        paramLabel = "N",
        description = "brokers that keep each record [3]")
    short replication = 3;

    @Option(
        names = "--min-in-sync",
        paramLabel = "N",
        description = "brokers that must have a record before it is acknowledged [2]")
    int inSyncMin = 2;

    @Option(names = "--dry-run", description = "only show what would be done")
    boolean dryRun;

    @Option(names = "--yes", description = "do not ask")
    boolean yes;

    @Mixin FolderOptions folder = new FolderOptions();

    @Override
    public Integer call() throws StartException, InterruptedException {
      if (replication < 1 || inSyncMin < 1 || inSyncMin > replication) {
        throw new StartException("--min-in-sync must be from 1 to --replication");
      }
      try (Admin admin = Admin.create(kafka(folder, kafka).clientConfig())) {
        WantedTopics wanted = new WantedTopics(partitions(admin), replication, inSyncMin);
        TopicPlan plan = TopicPlan.of(admin, wanted);
        plan.problems().forEach(problem -> System.err.println("headrace: " + problem));
        plan.lines().forEach(System.out::println);
        if (plan.lines().isEmpty()) {
          System.out.println("nothing to do");
        } else if (!dryRun && plan.problems().isEmpty()) {
          confirm();
          plan.apply(admin);
          System.out.println("done");
        }
        return plan.problems().isEmpty() ? 0 : Main.EXIT_FAILED;
      } catch (IllegalStateException e) {
        throw new StartException(e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }

    private Partitions partitions(Admin admin) throws StartException, InterruptedException {
      Optional<Partitions> present = TopicPlan.partitions(admin);
      return new Partitions(
          count(roomPartitions, present.map(Partitions::rooms)),
          count(accountPartitions, present.map(Partitions::accounts)));
    }

    private static int count(@Nullable Integer asked, Optional<Integer> present)
        throws StartException {
      int count = asked == null ? present.orElse(PARTITIONS_DEFAULT) : asked;
      if (count < 1 || count > PARTITIONS_MAX) {
        throw new StartException("a topic has from 1 to " + PARTITIONS_MAX + " partitions");
      }
      return count;
    }

    private void confirm() throws StartException {
      if (yes) {
        return;
      }
      Console console = System.console();
      if (console == null || !console.isTerminal()) {
        throw new StartException("nobody to ask whether to do this: add --yes");
      }
      String answer = console.readLine("Do it? [y/N] ");
      if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
        throw new StartException("nothing was done");
      }
    }
  }
}
