package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * What was decided of a room; {@code room.log} holds these for ever, in order. Every command yields
 * at least one, with ordinals 0, 1, …; {@code last} marks a command's last, so that a reader sees
 * when a tail is missing. The keys {@code position}, {@code roomId}, {@code commandId} are on every
 * record.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RoomRecord.EventDecided.class, name = "event"),
  @JsonSubTypes.Type(value = RoomRecord.EventWaiting.class, name = "waiting"),
  @JsonSubTypes.Type(value = RoomRecord.EventRedacted.class, name = "redacted"),
  @JsonSubTypes.Type(value = RoomRecord.RoomForgotten.class, name = "forgotten"),
  @JsonSubTypes.Type(value = RoomRecord.DevicesChanged.class, name = "devices_changed"),
  @JsonSubTypes.Type(value = RoomRecord.CommandSettled.class, name = "settled"),
})
public sealed interface RoomRecord extends LogRecord {
  RoomId roomId();

  /**
   * The transaction that a client's event came with, for unsigned.transaction_id of its own device.
   */
  record SentBy(UserId user, DeviceId device, String txnId) {}

  /**
   * An event and its verdict.
   *
   * @param skeleton the PDU as redaction keeps it, plus every key that an auth rule reads
   * @param hasBody whether {@code room.bodies} has the rest
   * @param rule the auth rule that refused it (REJECTED, SOFT_FAILED), else null
   * @param before the state before the event, where it differs from the current state before this
   *     record; null where it does not
   * @param current the room's current state after this record: its root, and what this record
   *     changed
   * @param extremities the room's forward extremities after this record, sorted
   * @param place its order in the room's timeline (design D3): the packed position for a live
   *     event, null for one that is not shown (not ACCEPTED)
   */
  record EventDecided(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      String roomVersion,
      ObjectNode skeleton,
      boolean hasBody,
      Verdict verdict,
      @Nullable String rule,
      @Nullable StateView before,
      StateView current,
      List<EventId> extremities,
      @Nullable Long place,
      @Nullable SentBy sentBy)
      implements RoomRecord {}

  /** A received event whose prev or auth events are missing; its whole PDU waits in the room. */
  record EventWaiting(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      ObjectNode pdu,
      List<EventId> missing)
      implements RoomRecord {}

  /** A redaction and its target are both valid: the target's body is gone. */
  record EventRedacted(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId target,
      EventId redaction)
      implements RoomRecord {}

  record RoomForgotten(
      Position position, RoomId roomId, String commandId, boolean last, UserId user)
      implements RoomRecord {}

  /** A joined user's device list has changed: those who share this room must fetch it again. */
  record DevicesChanged(
      Position position, RoomId roomId, String commandId, boolean last, UserId user)
      implements RoomRecord {}

  /** A command that yielded nothing else: refused, repeated, or without effect. */
  record CommandSettled(
      Position position, RoomId roomId, String commandId, boolean last, Outcome outcome)
      implements RoomRecord {}
}
