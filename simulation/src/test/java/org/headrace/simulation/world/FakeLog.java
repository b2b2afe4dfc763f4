package org.headrace.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.jspecify.annotations.Nullable;

/** Topics as lists of records that all survive. */
final class FakeLog {
  /** A partition of a topic. */
  record Source(Topic topic, int partition) implements Comparable<Source> {
    @Override
    public int compareTo(Source other) {
      int byTopic = topic.compareTo(other.topic);
      return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }
  }

  /**
   * A record; the value is null for a tombstone.
   *
   * @param position of the log record, or of the command that it was made from; NONE for commands
   *     of clients
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  record Entry(String key, byte @Nullable [] value, long ts, Position position) {}

  private final Map<Source, List<Entry>> topics = new TreeMap<>();
  private final Partitions partitions;

  FakeLog(Partitions partitions) {
    this.partitions = partitions;
  }

  Partitions partitions() {
    return partitions;
  }

  List<Entry> of(Topic topic, int partition) {
    return of(new Source(topic, partition));
  }

  List<Entry> of(Source source) {
    return topics.computeIfAbsent(source, s -> new ArrayList<>());
  }

  /** Publishes to the partition of the key. */
  void publish(Topic topic, String key, byte[] value, long ts) {
    of(topic, partitions.of(topic.family(), key)).add(new Entry(key, value, ts, Position.NONE));
  }

  /** A power cut takes this many records from the end. */
  void cut(Topic topic, int partition, int records) {
    List<Entry> entries = of(topic, partition);
    entries.subList(Math.max(0, entries.size() - records), entries.size()).clear();
  }
}
