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
    Map<String, String> settings = TopicSettings.of(topic);
    if (topic.flushed()) {
      settings.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, flush ? EACH : NEVER);
    }
    return settings;
  }
}
