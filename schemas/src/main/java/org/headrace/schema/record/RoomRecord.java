package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
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
  @JsonSubTypes.Type(value = RoomRecord.WaitingExpired.class, name = "waiting_expired"),
  @JsonSubTypes.Type(value = RoomRecord.RoomUndone.class, name = "undone"),
  @JsonSubTypes.Type(value = RoomRecord.OutlierDecided.class, name = "outlier"),
  @JsonSubTypes.Type(value = RoomRecord.EventMinted.class, name = "minted"),
  @JsonSubTypes.Type(value = RoomRecord.MintedDropped.class, name = "minted_dropped"),
  @JsonSubTypes.Type(value = RoomRecord.JoinBegun.class, name = "join_begun"),
  @JsonSubTypes.Type(value = RoomRecord.JoiningState.class, name = "joining_state"),
  @JsonSubTypes.Type(value = RoomRecord.JoinDropped.class, name = "join_dropped"),
  @JsonSubTypes.Type(value = RoomRecord.StateMoved.class, name = "state_moved"),
  @JsonSubTypes.Type(value = RoomRecord.UpgradeChanged.class, name = "upgrade"),
  @JsonSubTypes.Type(value = RoomRecord.GapChanged.class, name = "gap"),
  @JsonSubTypes.Type(value = RoomRecord.RemoteMembership.class, name = "remote_membership"),
  @JsonSubTypes.Type(value = RoomRecord.EventRedacted.class, name = "redacted"),
  @JsonSubTypes.Type(value = RoomRecord.RoomForgotten.class, name = "forgotten"),
  @JsonSubTypes.Type(value = RoomRecord.DevicesChanged.class, name = "devices_changed"),
  @JsonSubTypes.Type(value = RoomRecord.CommandSettled.class, name = "settled"),
})
public sealed interface RoomRecord extends LogRecord {
  /** The event whose rest this record puts on {@code room.bodies}, if it does. */
  default Optional<EventId> withBody() {
    return switch (this) {
      case EventDecided event when event.hasBody() && event.waitedSince() == null ->
          Optional.of(event.eventId());
      case EventWaiting waiting when waiting.hasBody() && waiting.waitedSince() == null ->
          Optional.of(waiting.eventId());
      case OutlierDecided outlier when outlier.hasBody() -> Optional.of(outlier.eventId());
      case EventMinted minted when minted.hasBody() -> Optional.of(minted.eventId());
      case RemoteMembership remote when remote.hasBody() -> Optional.of(remote.eventId());
      default -> Optional.empty();
    };
  }

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
   *     event, below that of what is held for a backfilled one, null for one that is not shown (not
   *     ACCEPTED)
   * @param relayAs the tenant that brings an event from elsewhere to the room's other servers
   *     (send_join and the like), or whose pending event was completed by another server; else null
   * @param waitedSince of the {@link EventWaiting} or {@link EventMinted} that its body came with,
   *     if it did not come with this
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
      @Nullable SentBy sentBy,
      @Nullable ServerName relayAs,
      @Nullable Position waitedSince)
      implements RoomRecord {
    /**
     * The tenant that brings the event to the room's other servers: the sender's server if the
     * event was made here; empty if another server does so.
     */
    public Optional<ServerName> sendAs() {
      if (relayAs != null) {
        return Optional.of(relayAs);
      }
      return skeleton.path("signatures").isEmpty() ? Optional.of(senderServer()) : Optional.empty();
    }

    /** Whether a client of this deployment made the event. */
    @JsonIgnore
    public boolean isMadeHere() {
      return sendAs().filter(senderServer()::equals).isPresent();
    }

    private ServerName senderServer() {
      return new UserId(skeleton.path("sender").asText()).server();
    }
  }

  /**
   * An event that is known by its auth events alone: of an auth chain, or of a state whose history
   * is not held. It has no place and no state of its own. If its history comes too, an {@link
   * EventDecided} follows.
   *
   * @param rule the auth rule that refused it (REJECTED), else null
   */
  record OutlierDecided(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      String roomVersion,
      ObjectNode skeleton,
      boolean hasBody,
      Verdict verdict,
      @Nullable String rule)
      implements RoomRecord {}

  /**
   * An event of ours that waits for another server's signature, complete but for it (design D7);
   * its body is on {@code room.bodies}.
   *
   * @param effectId the outcome under this id tells what became of it
   */
  record EventMinted(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      String roomVersion,
      ObjectNode skeleton,
      boolean hasBody,
      String effectId,
      @Nullable SentBy sentBy)
      implements RoomRecord {}

  /** A minted event will not be appended; its body is gone. */
  record MintedDropped(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      Outcome outcome)
      implements RoomRecord {}

  /**
   * The room is being joined through another server; what was begun before is given up, with the
   * events that waited for it.
   *
   * @param user who joins
   * @param joinEvent the join event's id, which other events wait for
   * @param ts of the command; a join that rests for long may be begun anew
   */
  record JoinBegun(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      String joinId,
      String roomVersion,
      UserId user,
      EventId joinEvent,
      long ts)
      implements RoomRecord {}

  /**
   * A part of the state that a join brought has come. It is not the room's current state yet.
   *
   * @param state with this part, by its changes against what came before
   * @param ts of the command
   */
  record JoiningState(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      String joinId,
      StateView state,
      long ts)
      implements RoomRecord {}

  /** The join failed: its event is refused. Events that waited for it are given up. */
  record JoinDropped(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      String joinId,
      Outcome outcome)
      implements RoomRecord {}

  /** One step of the current state towards the state that a join brought. No event changed it. */
  record StateMoved(
      Position position, RoomId roomId, String commandId, boolean last, StateView current)
      implements RoomRecord {}

  /**
   * History is missing below shown events, or some of it came.
   *
   * @param gapId the event that the gap was first seen below; names it for ever
   * @param bottom the event at the lowest place that was filled; at first, {@code gapId}
   * @param frontier events of which predecessors are missing, sorted; empty: the gap is closed
   * @param ceiling the highest place that its events may still take
   * @param floor a place below all of them; {@link Long#MIN_VALUE}: the room's beginning
   * @param asked the effect that fetches history now, or null
   */
  record GapChanged(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId gapId,
      EventId bottom,
      List<EventId> frontier,
      long ceiling,
      long floor,
      @Nullable Asked asked)
      implements RoomRecord {}

  /** An effect that is under way, and the time of the command that caused it. */
  record Asked(String effectId, long ts) {}

  /**
   * A hosted user's membership of a room that is not held here: invited, knocking, or out again.
   * The event's body is on {@code room.bodies}, with {@code unsigned.invite_room_state} or {@code
   * unsigned.knock_room_state}.
   */
  record RemoteMembership(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      UserId user,
      String membership,
      EventId eventId,
      String roomVersion,
      ObjectNode skeleton,
      boolean hasBody)
      implements RoomRecord {}

  /**
   * A received event whose prev or auth events are missing. It waits in the room as it will stay in
   * the log; the rest of it is on {@code room.bodies} already.
   *
   * @param skeleton as in {@link EventDecided}
   * @param hasBody whether {@code room.bodies} has the rest
   * @param ts of the command, by which it expires
   * @param waitedSince of the record that its body came with, if it has to wait again; else null
   */
  record EventWaiting(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      EventId eventId,
      ObjectNode skeleton,
      boolean hasBody,
      List<EventId> missing,
      long ts,
      @Nullable Position waitedSince)
      implements RoomRecord {}

  /** What an event waited for did not come in time: it is forgotten, and its body is gone. */
  record WaitingExpired(
      Position position, RoomId roomId, String commandId, boolean last, EventId eventId)
      implements RoomRecord {}

  /**
   * The room was being made when a power cut took the rest of it: there is no such room.
   *
   * @param current the empty state, and all that is no longer in it
   */
  record RoomUndone(
      Position position, RoomId roomId, String commandId, boolean last, StateView current)
      implements RoomRecord {}

  /** How far an upgrade is. */
  enum UpgradeStep {
    BEGUN,
    /** The old room has its tombstone. */
    DONE,
    /** There is no new room, or nothing leads to it. */
    DROPPED
  }

  /**
   * A user of ours replaces the room by another.
   *
   * @param upgradeId the id of the client's command
   * @param toVersion the new room's version
   * @param ts when it began, milliseconds since 1970
   * @param tombstone of a room that is DONE, else null; a policy server may have yet to sign it
   */
  record UpgradeChanged(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      String upgradeId,
      UserId user,
      String toVersion,
      RoomId replacement,
      UpgradeStep step,
      long ts,
      @Nullable EventId tombstone)
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

  /**
   * A joined user's device list has changed: those who share this room must fetch it again.
   *
   * @param changes the newest steps of a user of ours, oldest first; empty where they are not known
   */
  record DevicesChanged(
      Position position,
      RoomId roomId,
      String commandId,
      boolean last,
      UserId user,
      List<DeviceListChange> changes)
      implements RoomRecord {
    public DevicesChanged {
      changes = DeviceListChange.listed(changes);
    }
  }

  /** A command that yielded nothing else: refused, repeated, or without effect. */
  record CommandSettled(
      Position position, RoomId roomId, String commandId, boolean last, Outcome outcome)
      implements RoomRecord {}
}
