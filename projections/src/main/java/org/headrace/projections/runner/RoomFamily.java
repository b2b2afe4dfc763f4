package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.RowChange;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.trace.Subject;

/** Rooms: the log, bodies beside it, typing and receipts. */
final class RoomFamily implements FamilyFold {
  @Override
  public Topic.Family family() {
    return Topic.Family.ROOM;
  }

  @Override
  public Topic log() {
    return Topic.ROOM_LOG;
  }

  @Override
  public Topic beside() {
    return Topic.ROOM_BODIES;
  }

  @Override
  public List<Topic> ephemeral() {
    return List.of(Topic.TYPING, Topic.RECEIPTS);
  }

  @Override
  public Topic ticks() {
    return Topic.ROOM_TICKS;
  }

  @Override
  public LogPartition.Incoming log(ConsumerRecord<byte[], byte[]> record) {
    RoomRecord decided = LogJson.decode(record.value(), RoomRecord.class);
    return new LogPartition.Incoming(
        decided.position(),
        decided.last(),
        decided.roomId().value(),
        decided.commandId(),
        RoomFold.fold(decided),
        RoomFold.concerned(decided),
        RoomFold.awaitedBody(decided).stream().toList(),
        record.timestamp());
  }

  @Override
  public Subject subject(ConsumerRecord<byte[], byte[]> record) {
    return Subject.of(LogJson.decode(record.value(), RoomRecord.class));
  }

  @Override
  public List<RowChange> beside(ConsumerRecord<byte[], byte[]> record) {
    return List.of(RoomFold.body(new String(record.key(), StandardCharsets.UTF_8), record.value()));
  }

  @Override
  public Position besidePosition(ConsumerRecord<byte[], byte[]> record) {
    return FamilyFold.command(record);
  }

  @Override
  public List<RowChange> ephemeral(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return List.of();
    }
    Position position = Position.ofOffset(record.offset());
    return List.of(
        topic == Topic.TYPING
            ? new RowChange.TypingPut(position, LogJson.decode(record.value(), TypingRecord.class))
            : new RowChange.ReceiptPut(
                position, LogJson.decode(record.value(), ReceiptRecord.class)));
  }

  @Override
  public Optional<String> ephemeralKey(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    return ephemeral(topic, record).stream()
        .map(
            change ->
                change instanceof RowChange.TypingPut put
                    ? put.typing().roomId().value()
                    : ((RowChange.ReceiptPut) change).receipt().roomId().value())
        .findFirst();
  }
}
