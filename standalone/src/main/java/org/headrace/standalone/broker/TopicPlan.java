package org.headrace.standalone.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
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
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.topology.processor.MachineDefinition;

/**
 * What must be done so that the brokers have the topics of a deployment as they should be: found
 * out first, shown, and then done. Doing it twice does nothing.
 */
public final class TopicPlan {
  private static final int CHECK_TIMEOUT_MILLIS = 20_000;

  private final WantedTopics wanted;
  private final List<WantedTopics.Wanted> absent = new ArrayList<>();
  private final Map<String, Map<String, String>> changes = new LinkedHashMap<>();
  private final Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = new LinkedHashMap<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> vital = new ArrayList<>();

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
        plan.compareOffsets(admin, topology, present.keySet());
      }
      return plan;
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  /**
   * Whether the topics are there, and as they must be so that nothing is lost; returns how many
   * partitions they have. Throws {@link IllegalStateException} with one line if not.
   */
  public static Partitions check(Map<String, Object> clientConfig) throws InterruptedException {
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
      return partitions;
    }
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
        admin.alterConsumerGroupOffsets(group.getKey(), group.getValue()).all().get();
      }
    } catch (ExecutionException e) {
      throw failed(e);
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
    int replicas = found.partitions().getFirst().replicas().size();
    if (replicas < wanted.replication()) {
      problems.add(
          topic.name()
              + " is on "
              + replicas
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
  private void compareOffsets(Admin admin, MachineDefinition<?, ?> topology, Set<String> present)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(topology.name()).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, OffsetAndMetadata> first = new LinkedHashMap<>();
    for (int p = 0; p < wanted.partitions().count(topology.family()); p++) {
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

  private static boolean hasRecords(Admin admin, TopicPartition partition, Set<String> present)
      throws ExecutionException, InterruptedException {
    if (!present.contains(partition.topic())) {
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
