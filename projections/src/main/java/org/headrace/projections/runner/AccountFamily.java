package org.headrace.projections.runner;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.RowChange;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.trace.Subject;

/** Accounts and aliases: the log, items beside it, and presence. */
final class AccountFamily implements FamilyFold {
  @Override
  public Topic.Family family() {
    return Topic.Family.ACCOUNT;
  }

  @Override
  public Topic log() {
    return Topic.ACCOUNT_LOG;
  }

  @Override
  public Topic beside() {
    return Topic.ACCOUNT_ITEMS;
  }

  @Override
  public List<Topic> ephemeral() {
    return List.of(Topic.PRESENCE);
  }

  @Override
  public Topic ticks() {
    return Topic.ACCOUNT_TICKS;
  }

  @Override
  public LogPartition.Incoming log(ConsumerRecord<byte[], byte[]> record) {
    AccountRecord decided = LogJson.decode(record.value(), AccountRecord.class);
    return new LogPartition.Incoming(
        decided.position(),
        decided.last(),
        decided.key(),
        decided.commandId(),
        AccountFold.fold(decided),
        AccountFold.concerned(decided),
        AccountFold.awaitedItems(decided),
        record.timestamp());
  }

  @Override
  public Subject subject(ConsumerRecord<byte[], byte[]> record) {
    return Subject.of(LogJson.decode(record.value(), AccountRecord.class));
  }

  @Override
  public List<RowChange> beside(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null
        ? AccountFold.itemGone(new String(record.key(), StandardCharsets.UTF_8))
        : AccountFold.item(LogJson.decode(record.value(), AccountItem.class));
  }

  @Override
  public Position besidePosition(ConsumerRecord<byte[], byte[]> record) {
    Position command = FamilyFold.command(record);
    if (record.value() == null) {
      return command;
    }
    Position item = LogJson.decode(record.value(), AccountItem.class).position();
    return item.isAfter(command) ? item : command;
  }

  @Override
  public List<RowChange> ephemeral(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    return presence(record).stream()
        .<RowChange>map(
            presence ->
                new RowChange.PresencePut(
                    record.partition(), Position.ofOffset(record.offset()), presence))
        .toList();
  }

  /** Nobody needs to be woken by a renewal. */
  @Override
  public Optional<String> ephemeralKey(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    return presence(record)
        .filter(presence -> !presence.renewal())
        .map(presence -> presence.user().value());
  }

  private static Optional<PresenceRecord> presence(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null
        ? Optional.empty()
        : Optional.of(LogJson.decode(record.value(), PresenceRecord.class));
  }
}
