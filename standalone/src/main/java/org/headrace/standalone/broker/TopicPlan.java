package org.headrace.standalone.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.topology.processor.MachineDefinition;

/**
 * What must be done so that the brokers have the topics of a deployment as they should be: found
 * out first, shown, and then done. Doing it twice does nothing.
 */
public final class TopicPlan {
  private static final Duration HEARD_WAIT = Duration.ofSeconds(30);
  private static final Duration HEARD_PAUSE = Duration.ofMillis(100);

  private static final int CHECK_TIMEOUT_MILLIS = 20_000;

  /** With fewer, what one broker takes with it is the last copy, or stops writes. */
  private static final int REPLICATION_SAFE = 3;

  private static final int IN_SYNC_SAFE = 2;

  private final WantedTopics wanted;
  private final List<WantedTopics.Wanted> absent = new ArrayList<>();
  private final Map<String, Map<String, String>> changes = new LinkedHashMap<>();
  private final Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = new LinkedHashMap<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> vital = new ArrayList<>();
  private final Map<String, Integer> replicas = new LinkedHashMap<>();
  private final Map<String, Integer> inSync = new LinkedHashMap<>();

  private TopicPlan(WantedTopics wanted) {
    this.wanted = wanted;
  }

  /** What is to be done, a line each; empty if nothing is. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** What cannot be mended here, a line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Compares what is there with what should be; throws {@link IllegalStateException}. */
  public static TopicPlan of(Admin admin, WantedTopics wanted) throws InterruptedException {
    TopicPlan plan = new TopicPlan(wanted);
    try {
      Map<String, TopicDescription> present = present(admin, wanted);
      for (WantedTopics.Wanted topic : wanted.all()) {
        TopicDescription found = present.get(topic.name());
        if (found == null) {
          plan.create(topic);
        } else {
          plan.compare(topic, found);
        }
      }
      plan.compareSettings(admin, present.keySet());
      for (MachineDefinition<?, ?> topology : WantedTopics.topologies()) {
        plan.compareOffsets(admin, topology, present);
      }
      return plan;
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  /**
   * Whether the topics are there, and as they must be so that nothing is lost; returns how many
   * partitions they have. Throws {@link IllegalStateException} with one line if not.
   *
   * @param alarm told in one line each of what the failure of one broker could take
   */
  public static Partitions check(Map<String, Object> clientConfig, Consumer<String> alarm)
      throws InterruptedException {
    Map<String, Object> settings = new LinkedHashMap<>(clientConfig);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, CHECK_TIMEOUT_MILLIS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, CHECK_TIMEOUT_MILLIS / 2);
    try (Admin admin = Admin.create(settings)) {
      Partitions partitions =
          partitions(admin)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "the brokers have no topics of Headrace; headrace topics apply makes"
                              + " them"));
      TopicPlan plan = of(admin, new WantedTopics(partitions, (short) 1, 1));
      List<String> wrong = new ArrayList<>(plan.problems);
      plan.absent.forEach(topic -> wrong.add(topic.name() + " is missing"));
      wrong.addAll(plan.vital);
      if (!wrong.isEmpty()) {
        throw new IllegalStateException(
            "the topics are not as they must be: "
                + wrong.getFirst()
                + (wrong.size() == 1 ? "" : " (and " + (wrong.size() - 1) + " more)")
                + "; headrace topics apply shows and mends it");
      }
      warnings(brokers(admin), plan.replicas, plan.inSync).forEach(alarm);
      return partitions;
    }
  }

  private static int brokers(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get().size();
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  /**
   * What one of several brokers could take with it, a line each: who has several relies on it that
   * one may fail.
   *
   * @param replicas on how many brokers each topic is
   * @param inSync how many of them must have a record before it is acknowledged
   */
  static List<String> warnings(
      int brokers, Map<String, Integer> replicas, Map<String, Integer> inSync) {
    if (brokers <= 1) {
      return List.of();
    }
    List<String> few = below(REPLICATION_SAFE, replicas);
    List<String> early = below(IN_SYNC_SAFE, inSync);
    List<String> warnings = new ArrayList<>();
    if (!few.isEmpty()) {
      warnings.add(
          some(few)
              + " on fewer than "
              + REPLICATION_SAFE
              + " brokers each: one that is lost can"
              + " stop writes, or lose what was acknowledged; reassign the partitions");
    }
    if (!early.isEmpty()) {
      warnings.add(
          some(early)
              + " acknowledged when fewer than "
              + IN_SYNC_SAFE
              + " brokers have a record (min.insync.replicas): one that is lost can lose what was"
              + " acknowledged; headrace topics apply mends it");
    }
    return warnings;
  }

  private static List<String> below(int safe, Map<String, Integer> topics) {
    return topics.entrySet().stream()
        .filter(topic -> topic.getValue() < safe)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String some(List<String> topics) {
    return topics.size() == 1
        ? topics.getFirst() + " is"
        : topics.getFirst() + " and " + (topics.size() - 1) + " more topics are";
  }

  /** How many partitions the families have, if the topics were made. */
  public static Optional<Partitions> partitions(Admin admin) throws InterruptedException {
    try {
      Set<String> names = admin.listTopics().names().get();
      List<String> commands =
          List.of(Topic.ROOM_COMMANDS.topicName(), Topic.ACCOUNT_COMMANDS.topicName());
      if (!names.containsAll(commands)) {
        return Optional.empty();
      }
      var described = admin.describeTopics(commands).allTopicNames().get();
      return Optional.of(
          new Partitions(
              Objects.requireNonNull(described.get(commands.get(0))).partitions().size(),
              Objects.requireNonNull(described.get(commands.get(1))).partitions().size()));
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  /** Does what {@link #lines} say; throws {@link IllegalStateException}. */
  public void apply(Admin admin) throws InterruptedException {
    try {
      if (!absent.isEmpty()) {
        admin
            .createTopics(
                absent.stream()
                    .map(
                        topic ->
                            new NewTopic(topic.name(), topic.partitions(), wanted.replication())
                                .configs(topic.settings()))
                    .toList())
            .all()
            .get();
      }
      if (!changes.isEmpty()) {
        Map<ConfigResource, Collection<AlterConfigOp>> operations = new LinkedHashMap<>();
        changes.forEach(
            (name, settings) ->
                operations.put(
                    resource(name),
                    settings.entrySet().stream()
                        .map(
                            setting ->
                                new AlterConfigOp(
                                    new ConfigEntry(setting.getKey(), setting.getValue()),
                                    AlterConfigOp.OpType.SET))
                        .toList()));
        admin.incrementalAlterConfigs(operations).all().get();
      }
      for (var group : offsets.entrySet()) {
        begin(admin, group.getKey(), group.getValue());
      }
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  /** Sets a group's offsets; the broker that keeps them may not have heard of a new topic yet. */
  private static void begin(
      Admin admin, String group, Map<TopicPartition, OffsetAndMetadata> offsets)
      throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + HEARD_WAIT.toNanos();
    while (true) {
      try {
        admin.alterConsumerGroupOffsets(group, offsets).all().get();
        return;
      } catch (ExecutionException e) {
        boolean unheard = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!unheard || System.nanoTime() - end > 0) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(HEARD_PAUSE.toMillis());
      }
    }
  }

  private static Map<String, TopicDescription> present(Admin admin, WantedTopics wanted)
      throws ExecutionException, InterruptedException {
    Set<String> names = admin.listTopics().names().get();
    List<String> ours =
        wanted.all().stream().map(WantedTopics.Wanted::name).filter(names::contains).toList();
    return admin.describeTopics(ours).allTopicNames().get();
  }

  private void create(WantedTopics.Wanted topic) {
    absent.add(topic);
    lines.add(
        "make "
            + topic.name()
            + ": "
            + topic.partitions()
            + " partitions on "
            + wanted.replication()
            + " brokers each, "
            + topic.settings());
  }

  private void compare(WantedTopics.Wanted topic, TopicDescription found) {
    int partitions = found.partitions().size();
    if (partitions != topic.partitions()) {
      problems.add(
          topic.name()
              + " has "
              + partitions
              + " partitions, must have "
              + topic.partitions()
              + ", and they are fixed for the life of the data");
    }
    // Of the partition that has the fewest: one is enough to lose something.
    int least =
        found.partitions().stream()
            .mapToInt(partition -> partition.replicas().size())
            .min()
            .orElse(0);
    replicas.put(topic.name(), least);
    if (least < wanted.replication()) {
      problems.add(
          topic.name()
              + " is on "
              + least
              + " brokers, should be on "
              + wanted.replication()
              + ": reassign its partitions");
    }
  }

  private void compareSettings(Admin admin, Set<String> present)
      throws ExecutionException, InterruptedException {
    Map<ConfigResource, Config> configs =
        admin.describeConfigs(present.stream().map(TopicPlan::resource).toList()).all().get();
    for (WantedTopics.Wanted topic : wanted.all()) {
      Config found = configs.get(resource(topic.name()));
      if (found == null) {
        continue;
      }
      topic
          .settings()
          .forEach(
              (key, value) -> {
                ConfigEntry entry = found.get(key);
                String now = entry == null || entry.value() == null ? "" : entry.value();
                if (key.equals(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG) && !now.isEmpty()) {
                  inSync.put(topic.name(), Integer.valueOf(now));
                }
                if (!now.equals(value)) {
                  change(topic.name(), key, now, value);
                }
              });
    }
  }

  private void change(String topic, String key, String now, String value) {
    changes.computeIfAbsent(topic, name -> new LinkedHashMap<>()).put(key, value);
    lines.add("set " + key + " of " + topic + " to " + value + ", now " + now);
    if (TopicSettings.VITAL.contains(key)) {
      vital.add(key + " of " + topic + " is " + now + ", must be " + value);
    }
  }

  /** A new topology begins at the first command; one that has decided must know how far it is. */
  private void compareOffsets(
      Admin admin, MachineDefinition<?, ?> topology, Map<String, TopicDescription> present)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(topology.name()).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, OffsetAndMetadata> first = new LinkedHashMap<>();
    // Of partitions that a topic lacks, and that nobody adds, brokers would be asked in vain.
    TopicDescription found = present.get(topology.commands().topicName());
    int count = wanted.partitions().count(topology.family());
    int there = found == null ? count : Math.min(count, found.partitions().size());
    for (int p = 0; p < there; p++) {
      TopicPartition commands = new TopicPartition(topology.commands().topicName(), p);
      if (committed.get(commands) != null) {
        continue;
      }
      if (hasRecords(admin, new TopicPartition(topology.log().topicName(), p), present)) {
        problems.add(
            topology.name()
                + " has decided commands of "
                + commands
                + ", but how far is not known: headrace topics recover finds it");
      } else {
        first.put(commands, new OffsetAndMetadata(0));
      }
    }
    if (!first.isEmpty()) {
      offsets.put(topology.name(), first);
      lines.add("let " + topology.name() + " begin at the first of " + first.keySet());
      vital.add(topology.name() + " has no first offsets");
    }
  }

  private static boolean hasRecords(
      Admin admin, TopicPartition partition, Map<String, TopicDescription> present)
      throws ExecutionException, InterruptedException {
    TopicDescription found = present.get(partition.topic());
    if (found == null || partition.partition() >= found.partitions().size()) {
      return false;
    }
    return admin
            .listOffsets(Map.of(partition, OffsetSpec.latest()))
            .partitionResult(partition)
            .get()
            .offset()
        > 0;
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }

  private static IllegalStateException failed(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IllegalStateException("the brokers do not do what is asked: " + said, cause);
  }
}
