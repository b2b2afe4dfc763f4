package org.headrace.standalone.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;

/** Makes the topics that {@link Topic} names, and settles whether commands are flushed. */
public final class TopicCatalogue {
  private static final long DAYS_MILLIS = 7L * 24 * 3_600_000;
  private static final long MINUTES_MILLIS = 10L * 60_000;
  private static final long COMPACTION_LAG_MILLIS_MAX = 24L * 3_600_000;
  private static final int SHORT_LIVED_SEGMENT_BYTES = 4 * 1024 * 1024;
  private static final String EACH = "1";
  private static final String NEVER = Long.toString(Long.MAX_VALUE);

  private TopicCatalogue() {}

  /**
   * Makes what is absent.
   *
   * @param flush whether a command is on the disk before it is acknowledged (design D3)
   */
  public static void ensure(Map<String, Object> clientConfig, Partitions partitions, boolean flush)
      throws InterruptedException {
    try (Admin admin = Admin.create(clientConfig)) {
      Set<String> present = admin.listTopics().names().get();
      List<NewTopic> absent = new ArrayList<>();
      Map<ConfigResource, java.util.Collection<AlterConfigOp>> flushing = new LinkedHashMap<>();
      for (Topic topic : Topic.values()) {
        if (!present.contains(topic.topicName())) {
          absent.add(
              new NewTopic(topic.topicName(), partitions.count(topic.family()), (short) 1)
                  .configs(settings(topic, flush)));
        } else if (topic.flushed()) {
          flushing.put(
              new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName()),
              List.of(
                  new AlterConfigOp(
                      new ConfigEntry(
                          TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, flush ? EACH : NEVER),
                      AlterConfigOp.OpType.SET)));
        }
      }
      if (!absent.isEmpty()) {
        admin.createTopics(absent).all().get();
      }
      if (!flushing.isEmpty()) {
        admin.incrementalAlterConfigs(flushing).all().get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the topics cannot be made: " + e.getCause(), e.getCause());
    }
  }

  private static Map<String, String> settings(Topic topic, boolean flush) {
    Map<String, String> settings = new LinkedHashMap<>();
    switch (topic.retention()) {
      case FOREVER -> {
        settings.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        settings.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
      }
      case COMPACTED -> {
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        settings.put(
            TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(COMPACTION_LAG_MILLIS_MAX));
        // A view that was off for a week still meets the tombstones.
        settings.put(TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(DAYS_MILLIS));
      }
      case DAYS -> settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(DAYS_MILLIS));
      case MINUTES -> {
        settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(MINUTES_MILLIS));
        settings.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(MINUTES_MILLIS));
        settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(SHORT_LIVED_SEGMENT_BYTES));
      }
    }
    if (topic.flushed()) {
      settings.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, flush ? EACH : NEVER);
    }
    return settings;
  }
}
