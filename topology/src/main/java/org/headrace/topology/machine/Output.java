package org.headrace.topology.machine;

import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * One record that a decision sends. Topics of the machine's own family take it in the command's
 * partition; commands for the other family go to the partition of their key (design D12).
 *
 * @param value the bytes, or null for a tombstone
 * @param record what the bytes were made from, for records of the log; else null
 */
public record Output(Topic topic, String key, byte @Nullable [] value, @Nullable LogRecord record) {

  public static Output log(Topic topic, String key, LogRecord record) {
    return new Output(topic, key, LogJson.encode(record), record);
  }

  public static Output of(Topic topic, String key, Object value) {
    return new Output(topic, key, LogJson.encode(value), null);
  }

  public static Output tombstone(Topic topic, String key) {
    return new Output(topic, key, null, null);
  }
}
