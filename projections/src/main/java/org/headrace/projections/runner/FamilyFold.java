package org.headrace.projections.runner;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.headrace.projections.fold.RowChange;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.RecordHeader;
import org.headrace.schema.log.Topic;
import org.headrace.schema.trace.Subject;

/** How the records of one family of topics are read and folded. */
interface FamilyFold {
  Topic.Family family();

  Topic log();

  /** The compacted topic with what records of the log stand for. */
  Topic beside();

  /** Topics that are folded on their own, and whose positions are their offsets. */
  List<Topic> ephemeral();

  Topic ticks();

  LogPartition.Incoming log(ConsumerRecord<byte[], byte[]> record);

  /** What a record of the log is about, for its trace. */
  Subject subject(ConsumerRecord<byte[], byte[]> record);

  List<RowChange> beside(ConsumerRecord<byte[], byte[]> record);

  /**
   * How far a record beside the log goes: an item of several of one command has an ordinal of its
   * own.
   */
  Position besidePosition(ConsumerRecord<byte[], byte[]> record);

  List<RowChange> ephemeral(Topic topic, ConsumerRecord<byte[], byte[]> record);

  /** The room or user that an ephemeral record tells news of, for its tick. */
  Optional<String> ephemeralKey(Topic topic, ConsumerRecord<byte[], byte[]> record);

  /** The position of the command that a record was made from. */
  static Position command(ConsumerRecord<byte[], byte[]> record) {
    var header = record.headers().lastHeader(RecordHeader.POSITION);
    if (header == null) {
      throw new IllegalStateException(
          "no position on " + record.topic() + "-" + record.partition() + "@" + record.offset());
    }
    return RecordHeader.decode(header.value());
  }
}
