package org.headrace.projections.fold;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.record.PresenceRecord;
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

  /** The room is here, with its state: its create event or a join was accepted. */
  record RoomPut(RoomId room, String roomVersion) implements OfRoom {}

  /** The room's state was taken from another server: what was noted of members before is past. */
  record HeldPut(RoomId room, Position position) implements OfRoom {}

  record ExtremitiesPut(RoomId room, List<EventId> extremities) implements OfRoom {}

  /** The room's newest record that changed anything. */
  record RoomTouched(RoomId room, Position last) implements OfRoom {}

  /**
   * An event without its body.
   *
   * @param base where the state before it is told by the state before another event, that one
   */
  record EventPut(
      RoomId room,
      EventId event,
      String roomVersion,
      Position position,
      @Nullable Long place,
      Verdict verdict,
      ObjectNode skeleton,
      RoomRecord.@Nullable SentBy sentBy,
      boolean outlier,
      @Nullable EventId base)
      implements OfRoom {}

  /** An event is shown at a place; {@code ts}: its origin_server_ts. */
  record TimelinePut(RoomId room, long place, EventId event, long ts) implements OfRoom {}

  /** The state before this event has another entry than the state that it is told by. */
  record BeforePut(RoomId room, EventId of, StateKey key, @Nullable EventId event)
      implements OfRoom {}

  /**
   * The state before backfilled events has this entry at this place and below, down to the next
   * such row of the same key.
   */
  record PastPut(RoomId room, long place, StateKey key, @Nullable EventId event)
      implements OfRoom {}

  /** A gap as it is now; without a frontier it is closed. */
  record GapPut(
      RoomId room, EventId gap, List<EventId> frontier, long ceiling, long floor, boolean asked)
      implements OfRoom {}

  /** An event's content is gone. */
  record RedactedPut(RoomId room, EventId target, EventId redaction) implements OfRoom {}

  /** The current state's entry is this event from this position on; null: there is none. */
  record StatePut(RoomId room, Position position, StateKey key, @Nullable EventId event)
      implements OfRoom {}

  /**
   * The state's member event of a user. {@code membership} is null where the record does not carry
   * that event; it then is in the event's own row, which was written before.
   *
   * @param noted told by another server of a room that is not held here: no entry of its state
   */
  record MemberPut(
      RoomId room,
      UserId user,
      Position position,
      @Nullable EventId event,
      @Nullable String membership,
      boolean noted)
      implements OfRoom {}

  /** The user wants the room forgotten, until a newer membership. */
  record ForgottenPut(RoomId room, UserId user, Position position) implements OfRoom {}

  record DevicesChangedPut(RoomId room, Position position, UserId user) implements OfRoom {}

  /** {@code body} as it lies on {@code room.bodies}; the record key names its event. */
  record BodyPut(String recordKey, byte[] body) implements OfRoom {}

  record BodyDelete(String recordKey) implements OfRoom {}

  record TypingPut(Position position, TypingRecord typing) implements OfRoom {}

  record ReceiptPut(Position position, ReceiptRecord receipt) implements OfRoom {}

  /** A user's presence; {@code partition} of accounts, where positions are of one order. */
  record PresencePut(int partition, Position position, PresenceRecord presence)
      implements OfAccount {}

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

  /** The user's devices, as others see them, changed. */
  record DeviceListPut(UserId user, Position position) implements OfAccount {}

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

  /** Whether a tenant's room directory shows the room. */
  record ListedPut(ServerName directory, RoomId room, boolean listed) implements OfAccount {}

  /** The user's cross-signing keys of these purposes. */
  record SigningKeysPut(UserId user, SortedMap<String, ObjectNode> keys) implements OfAccount {}

  /** What keys of the user have signed. */
  record SignaturesPut(UserId user, List<KeySignature> signatures) implements OfAccount {}

  record MediaPut(ServerName server, MediaId id, AccountsView.Media media) implements OfAccount {}

  /** How many bytes the user has uploaded. */
  record MediaBytesPut(UserId user, long bytes) implements OfAccount {}

  record AccountDataPut(AccountItem.AccountData data) implements OfAccount {}

  record ToDevicePut(AccountItem.ToDevice message) implements OfAccount {}

  record AccountDataDelete(String user, String itemKey) implements OfAccount {}

  record ToDeviceDelete(String user, String device, Position position) implements OfAccount {}
}
