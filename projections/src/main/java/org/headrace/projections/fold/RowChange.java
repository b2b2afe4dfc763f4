package org.headrace.projections.fold;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row: an upsert or a delete that needs nothing of what was there before, so that
 * making it again, in order, changes nothing (design D10). Adapters write these; views read them.
 */
public sealed interface RowChange {
  /** Changes made by {@code room.log} and the topics beside it. */
  sealed interface OfRoom extends RowChange {}

  /** Changes made by {@code account.log} and {@code account.items}. */
  sealed interface OfAccount extends RowChange {}

  /** A room's create event was accepted. */
  record RoomPut(RoomId room, String roomVersion, Position created) implements OfRoom {}

  /** The room's newest record that changed anything. */
  record RoomTouched(RoomId room, Position last) implements OfRoom {}

  /** An event without its body. */
  record EventPut(
      RoomId room,
      EventId event,
      String roomVersion,
      Position position,
      @Nullable Long place,
      Verdict verdict,
      ObjectNode skeleton,
      RoomRecord.@Nullable SentBy sentBy)
      implements OfRoom {}

  /** An event is shown at a place. */
  record TimelinePut(RoomId room, long place, EventId event) implements OfRoom {}

  /** An event's content is gone. */
  record RedactedPut(RoomId room, EventId target, EventId redaction) implements OfRoom {}

  /** The current state's entry is this event from this position on; null: there is none. */
  record StatePut(RoomId room, Position position, StateKey key, @Nullable EventId event)
      implements OfRoom {}

  /**
   * The state's member event of a user. {@code membership} is null where the record does not carry
   * that event; readers then look at the event.
   */
  record MemberPut(
      RoomId room,
      UserId user,
      Position position,
      @Nullable EventId event,
      @Nullable String membership)
      implements OfRoom {}

  /** The user wants the room forgotten, until a newer membership. */
  record ForgottenPut(RoomId room, UserId user, Position position) implements OfRoom {}

  record DevicesChangedPut(RoomId room, Position position, UserId user) implements OfRoom {}

  /** {@code body} as it lies on {@code room.bodies}; the record key names its event. */
  record BodyPut(String recordKey, byte[] body) implements OfRoom {}

  record BodyDelete(String recordKey) implements OfRoom {}

  record TypingPut(Position position, TypingRecord typing) implements OfRoom {}

  record ReceiptPut(Position position, ReceiptRecord receipt) implements OfRoom {}

  record AccountPut(AccountsView.Account account) implements OfAccount {}

  /** The device exists and has this token alone. */
  record SessionPut(UserId user, DeviceId device, String tokenHash, long createdTs)
      implements OfAccount {}

  record DeviceNamePut(UserId user, DeviceId device, @Nullable String displayName)
      implements OfAccount {}

  /** The device with its name, keys and key counts is gone. */
  record DeviceDelete(UserId user, DeviceId device) implements OfAccount {}

  record ProfilePut(UserId user, String field, @Nullable String value) implements OfAccount {}

  record FilterPut(UserId user, String filterId, ObjectNode filter) implements OfAccount {}

  record DeviceKeysPut(UserId user, DeviceId device, ObjectNode keys) implements OfAccount {}

  record KeyCountsPut(
      UserId user,
      DeviceId device,
      SortedMap<String, Integer> oneTimeKeys,
      List<String> unusedFallbackTypes)
      implements OfAccount {}

  /** Where an alias points; {@code room} null: nowhere. */
  record AliasPut(
      RoomAlias alias, @Nullable RoomId room, @Nullable UserId creator, boolean reserved)
      implements OfAccount {}

  record AccountDataPut(AccountItem.AccountData data) implements OfAccount {}

  record ToDevicePut(AccountItem.ToDevice message) implements OfAccount {}

  record AccountDataDelete(String user, String itemKey) implements OfAccount {}

  record ToDeviceDelete(String user, String device, Position position) implements OfAccount {}
}
