package org.headrace.simulation.world;

import java.util.List;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.RowChange;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.record.RoomRecord;
import org.jspecify.annotations.Nullable;

/** How the records of one family become rows. Replaced by a broken one to see that it is caught. */
interface Folds {
  Topic log();

  Topic beside();

  LogRecord decode(byte[] value);

  List<RowChange> log(LogRecord record);

  List<RowChange> beside(String key, byte @Nullable [] value);

  /** Rooms, as the projector folds them. */
  class Rooms implements Folds {
    @Override
    public Topic log() {
      return Topic.ROOM_LOG;
    }

    @Override
    public Topic beside() {
      return Topic.ROOM_BODIES;
    }

    @Override
    public LogRecord decode(byte[] value) {
      return LogJson.decode(value, RoomRecord.class);
    }

    @Override
    public List<RowChange> log(LogRecord record) {
      return RoomFold.fold((RoomRecord) record);
    }

    @Override
    public List<RowChange> beside(String key, byte @Nullable [] value) {
      return List.of(RoomFold.body(key, value));
    }
  }

  /** Accounts, as the projector folds them. */
  class Accounts implements Folds {
    @Override
    public Topic log() {
      return Topic.ACCOUNT_LOG;
    }

    @Override
    public Topic beside() {
      return Topic.ACCOUNT_ITEMS;
    }

    @Override
    public LogRecord decode(byte[] value) {
      return LogJson.decode(value, AccountRecord.class);
    }

    @Override
    public List<RowChange> log(LogRecord record) {
      return AccountFold.fold((AccountRecord) record);
    }

    @Override
    public List<RowChange> beside(String key, byte @Nullable [] value) {
      return value == null
          ? AccountFold.itemGone(key)
          : AccountFold.item(LogJson.decode(value, AccountItem.class));
    }
  }
}
