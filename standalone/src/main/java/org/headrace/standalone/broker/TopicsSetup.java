package org.headrace.standalone.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;

/** Makes the topics of the catalogue that are missing. */
public final class TopicsSetup {
  /** Small, so that a start after kill -9 reads little: only unflushed segments are checked. */
  private static final int SEGMENT_BYTES = 16 * 1024 * 1024;

  private static final int SHORT_LIVED_SEGMENT_BYTES = 4 * 1024 * 1024;
  private static final Duration DAYS = Duration.ofDays(7);
  private static final Duration MINUTES = Duration.ofMinutes(10);

  private TopicsSetup() {}

  /**
   * @param flushCommands whether a command is on disk before it is acknowledged (design D3); without,
   *     a power cut may lose commands that were acknowledged
   * @return the number of topics made
   */
  public static int create(
      Map<String, Object> clientConfig, Partitions partitions, boolean flushCommands) {
    try (Admin admin = Admin.create(clientConfig)) {
      Set<String> present = admin.listTopics().names().get();
      List<NewTopic> missing = new ArrayList<>();
      for (Topic topic : Topic.values()) {
        if (!present.contains(topic.topicName())) {
          missing.add(
              new NewTopic(topic.topicName(), partitions.count(topic.family()), (short) 1)
                  .configs(settings(topic, flushCommands)));
        }
      }
      if (!missing.isEmpty()) {
        admin.createTopics(missing).all().get();
      }
      return missing.size();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the topics could not be made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making topics", e);
    }
  }

  static Map<String, String> settings(Topic topic, boolean flushCommands) {
    Map<String, String> settings = new HashMap<>();
    settings.put("max.message.bytes", Integer.toString(EmbeddedBroker.MESSAGE_BYTES_MAX));
    settings.put("segment.bytes", Integer.toString(SEGMENT_BYTES));
    switch (topic.retention()) {
      case FOREVER -> {
        settings.put("retention.ms", "-1");
        settings.put("retention.bytes", "-1");
      }
      case COMPACTED -> {
        settings.put("cleanup.policy", "compact");
        settings.put("max.compaction.lag.ms", Long.toString(DAYS.toMillis()));
        settings.put("delete.retention.ms", Long.toString(DAYS.toMillis()));
      }
      case DAYS -> settings.put("retention.ms", Long.toString(DAYS.toMillis()));
      case MINUTES -> {
        settings.put("retention.ms", Long.toString(MINUTES.toMillis()));
        settings.put("segment.ms", Long.toString(MINUTES.toMillis()));
        settings.put("segment.bytes", Integer.toString(SHORT_LIVED_SEGMENT_BYTES));
      }
    }
    if (topic.flushed() && flushCommands) {
      settings.put("flush.messages", "1");
    }
    return settings;
  }
}
