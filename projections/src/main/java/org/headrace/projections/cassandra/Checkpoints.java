package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.util.Map;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/**
 * How far the views are. The position is a cell written at itself, where to read on is one written
 * at its offset: neither goes back, whoever writes late.
 */
final class Checkpoints {
  private static final String ROOM_TABLE = "room_checkpoint";
  private static final String ACCOUNT_TABLE = "account_checkpoint";
  private static final String SHOWN_TABLE = "shown";
  private static final int RESUME_BYTES = Long.BYTES + Integer.BYTES;

  private final Cql cql;

  Checkpoints(Cql cql) {
    this.cql = cql;
  }

  Checkpoint of(Topic topic, int partition) {
    return read(table(topic), topic, partition);
  }

  Position reached(Topic topic, int partition) {
    return of(topic, partition).reached();
  }

  Checkpoint shown(Topic topic, int partition) {
    Checkpoint now = of(topic, partition);
    Checkpoint before = read(SHOWN_TABLE, topic, partition);
    return before.reached().isAfter(now.reached()) ? before : now;
  }

  void write(Map<ViewBatch.Source, Checkpoint> checkpoints) {
    WriteSet writes = new WriteSet();
    checkpoints.forEach(
        (source, checkpoint) ->
            put(writes, table(source.topic()), source.topic(), source.partition(), checkpoint));
    cql.write(writes);
  }

  /** Before the views of a family are dropped. */
  void keepShown(Topic.Family family) {
    WriteSet writes = new WriteSet();
    for (Topic topic : Topic.values()) {
      if (topic.family() == family) {
        for (Row row :
            cql.rows(select(table(topic)).replace(" AND part = ?", ""), topic.topicName())) {
          put(writes, SHOWN_TABLE, topic, row.getInt("part"), checkpoint(row));
        }
      }
    }
    cql.write(writes);
  }

  private static String table(Topic topic) {
    return topic.family() == Topic.Family.ROOM ? ROOM_TABLE : ACCOUNT_TABLE;
  }

  private static String select(String table) {
    return "SELECT part, reached, resume FROM " + table + " WHERE topic = ? AND part = ?";
  }

  private Checkpoint read(String table, Topic topic, int partition) {
    return cql.one(select(table), topic.topicName(), partition)
        .map(Checkpoints::checkpoint)
        .orElse(Checkpoint.START);
  }

  private static Checkpoint checkpoint(Row row) {
    ByteBuffer resume = row.getByteBuffer("resume");
    return resume == null
        ? new Checkpoint(Cells.position(row, "reached"), 0, 0)
        : new Checkpoint(Cells.position(row, "reached"), resume.getLong(), resume.getInt());
  }

  private static void put(
      WriteSet writes, String table, Topic topic, int partition, Checkpoint checkpoint) {
    long reached = checkpoint.reached().packed();
    writes.put(
        new Put(table, 1, 2, "topic", "part", "reached"),
        reached,
        topic.topicName(),
        partition,
        reached);
    writes.put(
        new Put(table, 1, 2, "topic", "part", "resume"),
        checkpoint.nextOffset(),
        topic.topicName(),
        partition,
        ByteBuffer.allocate(RESUME_BYTES)
            .putLong(checkpoint.nextOffset())
            .putInt(checkpoint.lastChecksum())
            .flip());
  }
}
