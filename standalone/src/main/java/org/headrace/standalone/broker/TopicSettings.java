package org.headrace.standalone.broker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.TopicConfig;
import org.headrace.schema.log.Topic;

/** What is set on each topic, wherever the brokers run. */
final class TopicSettings {
  private static final long DAYS_MILLIS = 7L * 24 * 3_600_000;
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long MINUTES_MILLIS = 10L * 60_000;
  private static final long COMPACTION_LAG_MILLIS_MAX = 24L * 3_600_000;
  private static final int SHORT_LIVED_SEGMENT_BYTES = 4 * 1024 * 1024;
  private static final int CHANGELOG_SEGMENT_BYTES = 16 * 1024 * 1024;

  /** Settings on which it depends whether anything is lost; the others are a matter of cost. */
  static final Set<String> VITAL =
      Set.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.RETENTION_MS_CONFIG,
          TopicConfig.RETENTION_BYTES_CONFIG,
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
          TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG);

  private TopicSettings() {}

  static Map<String, String> of(Topic topic) {
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
      case HOUR -> shortLived(settings, HOUR_MILLIS);
      case MINUTES -> shortLived(settings, MINUTES_MILLIS);
    }
    return settings;
  }

  private static void shortLived(Map<String, String> settings, long millis) {
    settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(millis));
    settings.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(MINUTES_MILLIS));
    settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(SHORT_LIVED_SEGMENT_BYTES));
  }

  /** The same where several brokers keep each record. */
  static Map<String, String> replicated(Topic topic, int inSyncMin) {
    Map<String, String> settings = of(topic);
    replicated(settings, inSyncMin);
    if (topic.retention() != Topic.Retention.COMPACTED) {
      settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    }
    return settings;
  }

  /** Of what Kafka Streams keeps of a store. */
  static Map<String, String> changelog(int inSyncMin) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(CHANGELOG_SEGMENT_BYTES));
    replicated(settings, inSyncMin);
    return settings;
  }

  private static void replicated(Map<String, String> settings, int inSyncMin) {
    settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(inSyncMin));
    settings.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
    settings.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(BrokerAccess.MESSAGE_BYTES_MAX));
  }
}
