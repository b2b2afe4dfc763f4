package org.headrace.schema.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.RoomRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one room. Keyed by its room id on {@code room.commands}.
 *
 * <p>{@code id} names the command for its awaiter and lets the room drop repeats; {@code ts} is the
 * wall clock of whoever published it, milliseconds since 1970, and the only clock a decision sees.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RoomCommand.CreateRoom.class, name = "create_room"),
  @JsonSubTypes.Type(value = RoomCommand.SendEvent.class, name = "send_event"),
  @JsonSubTypes.Type(value = RoomCommand.ChangeMembership.class, name = "change_membership"),
  @JsonSubTypes.Type(value = RoomCommand.Redact.class, name = "redact"),
  @JsonSubTypes.Type(value = RoomCommand.ForgetRoom.class, name = "forget_room"),
  @JsonSubTypes.Type(value = RoomCommand.ReceiveEvent.class, name = "receive_event"),
  @JsonSubTypes.Type(value = RoomCommand.EchoProfile.class, name = "echo_profile"),
  @JsonSubTypes.Type(value = RoomCommand.EchoDevices.class, name = "echo_devices"),
  @JsonSubTypes.Type(value = RoomCommand.Pad.class, name = "pad"),
})
public sealed interface RoomCommand {
  String id();

  long ts();

  RoomId roomId();

  /** A client's transaction: a repeat of (user, device, id, path) answers with the first's event. */
  record Transaction(DeviceId device, String txnId) {}

  /** An event to be built by the room: it gets prev_events, auth_events, depth and hashes there. */
  record Draft(UserId sender, String type, @Nullable String stateKey, ObjectNode content) {}

  /**
   * All initial events of a room, decided as one. {@code createEvent} is the complete PDU minted by
   * ingest (its reference hash is the room id from version 12 on); the drafts follow it in order. If
   * one is refused, the room is not created and the outcome says why. With an alias, the room reports
   * back to it (AccountCommand.SettleAlias). Result: room_id.
   */
  record CreateRoom(
      String id,
      long ts,
      RoomId roomId,
      String roomVersion,
      UserId creator,
      ObjectNode createEvent,
      List<Draft> events,
      @Nullable RoomAlias alias)
      implements RoomCommand {}

  /** A client's message or state event (not membership, not redaction). Result: event_id. */
  record SendEvent(
      String id, long ts, RoomId roomId, Draft event, @Nullable Transaction transaction)
      implements RoomCommand {}

  /** What a membership change is asked as; the room checks what each needs of its target. */
  enum Action {
    INVITE,
    JOIN,
    /** A join with this very content: a new event also for who is joined. */
    JOIN_AS,
    KNOCK,
    LEAVE,
    KICK,
    BAN,
    UNBAN
  }

  /**
   * A membership change. {@code content} holds what the member event carries besides membership:
   * displayname, avatar_url, is_direct, reason. A join of a joined user changes nothing and succeeds.
   *
   * @param restrictedEvidence for restricted joins: rooms of the join rule's allow list that the
   *     target was a member of when ingest looked, or null
   */
  record ChangeMembership(
      String id,
      long ts,
      RoomId roomId,
      UserId sender,
      UserId target,
      Action action,
      ObjectNode content,
      @Nullable List<RoomId> restrictedEvidence)
      implements RoomCommand {}

  /** A redaction of {@code redacts} by {@code sender}. Result: event_id. */
  record Redact(
      String id,
      long ts,
      RoomId roomId,
      UserId sender,
      EventId redacts,
      @Nullable String reason,
      @Nullable Transaction transaction)
      implements RoomCommand {}

  /** A user who has left wants the room out of lists and sync. */
  record ForgetRoom(String id, long ts, RoomId roomId, UserId user) implements RoomCommand {}

  /** An event made elsewhere, its signatures checked by ingest. {@code roomVersion} is known from its room. */
  record ReceiveEvent(
      String id, long ts, RoomId roomId, ServerName origin, ObjectNode pdu, boolean signaturesValid)
      implements RoomCommand {}

  /** From the account: a joined user's profile is now this (design D12). Null: the field is absent. */
  record EchoProfile(
      String id,
      long ts,
      RoomId roomId,
      UserId user,
      @Nullable String displayname,
      @Nullable String avatarUrl)
      implements RoomCommand {}

  /** From the account: a joined user's device list has changed (design D12). */
  record EchoDevices(String id, long ts, RoomId roomId, UserId user) implements RoomCommand {}

  /**
   * Decides nothing; moves the partition past positions that must not be used again (design D3).
   *
   * @param firstOrdinal of its record, or -1 if the log holds this position's records already
   * @param logged then those records, which the store may lack
   */
  record Pad(String id, long ts, RoomId roomId, int firstOrdinal, List<RoomRecord> logged)
      implements RoomCommand {}
}
