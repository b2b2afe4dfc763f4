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
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
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
  @JsonSubTypes.Type(value = RoomCommand.UpgradeRoom.class, name = "upgrade_room"),
  @JsonSubTypes.Type(value = RoomCommand.FinishUpgrade.class, name = "finish_upgrade"),
  @JsonSubTypes.Type(value = RoomCommand.SendEvent.class, name = "send_event"),
  @JsonSubTypes.Type(value = RoomCommand.ChangeMembership.class, name = "change_membership"),
  @JsonSubTypes.Type(value = RoomCommand.Redact.class, name = "redact"),
  @JsonSubTypes.Type(value = RoomCommand.ForgetRoom.class, name = "forget_room"),
  @JsonSubTypes.Type(value = RoomCommand.ReceiveEvent.class, name = "receive_event"),
  @JsonSubTypes.Type(value = RoomCommand.ReceiveOutliers.class, name = "receive_outliers"),
  @JsonSubTypes.Type(value = RoomCommand.BeginJoin.class, name = "begin_join"),
  @JsonSubTypes.Type(value = RoomCommand.JoinEvents.class, name = "join_events"),
  @JsonSubTypes.Type(value = RoomCommand.CommitJoin.class, name = "commit_join"),
  @JsonSubTypes.Type(value = RoomCommand.AppendMinted.class, name = "append_minted"),
  @JsonSubTypes.Type(value = RoomCommand.RequestBackfill.class, name = "request_backfill"),
  @JsonSubTypes.Type(value = RoomCommand.Backfill.class, name = "backfill"),
  @JsonSubTypes.Type(
      value = RoomCommand.NoteRemoteMembership.class,
      name = "note_remote_membership"),
  @JsonSubTypes.Type(value = RoomCommand.EchoProfile.class, name = "echo_profile"),
  @JsonSubTypes.Type(value = RoomCommand.EchoDevices.class, name = "echo_devices"),
  @JsonSubTypes.Type(value = RoomCommand.Pad.class, name = "pad"),
})
public sealed interface RoomCommand {
  String id();

  long ts();

  RoomId roomId();

  /**
   * A client's transaction: a repeat of (user, device, id, path) answers with the first's event.
   */
  record Transaction(DeviceId device, String txnId) {}

  /** An event to be built by the room: it gets prev_events, auth_events, depth and hashes there. */
  record Draft(UserId sender, String type, @Nullable String stateKey, ObjectNode content) {}

  /**
   * All initial events of a room, decided as one. {@code createEvent} is the complete PDU minted by
   * ingest (its reference hash is the room id from version 12 on); the drafts follow it in order.
   * If one is refused, the room is not created and the outcome says why. With an alias, the room
   * reports back to it (AccountCommand.SettleAlias). Result: room_id.
   *
   * @param upgrades the upgrade whose new room this is, and which hears of it (FinishUpgrade)
   */
  record CreateRoom(
      String id,
      long ts,
      RoomId roomId,
      String roomVersion,
      UserId creator,
      ObjectNode createEvent,
      List<Draft> events,
      @Nullable RoomAlias alias,
      @Nullable Upgrading upgrades)
      implements RoomCommand {
    /** A room that replaces none. */
    public CreateRoom(
        String id,
        long ts,
        RoomId roomId,
        String roomVersion,
        UserId creator,
        ObjectNode createEvent,
        List<Draft> events,
        @Nullable RoomAlias alias) {
      this(id, ts, roomId, roomVersion, creator, createEvent, events, alias, null);
    }

    /** The same room as the replacement of another. */
    public CreateRoom with(Upgrading upgrading) {
      return new CreateRoom(
          id, ts, roomId, roomVersion, creator, createEvent, events, alias, upgrading);
    }
  }

  /**
   * A state event that was made from the present one.
   *
   * @param of what it was made from; if that is not the room's current state any more, it is not
   *     sent; null: it is in any case
   */
  record Revision(Draft draft, @Nullable EventId of) {}

  /**
   * What an upgrade does when the new room is there.
   *
   * @param tombstone of the old room
   * @param revisions of the old room after its tombstone; those that are refused are left out
   * @param aliases of the user's server that point to the old room, and move; {@link
   *     RoomLimits#UPGRADE_ALIASES_MAX} at most
   * @param mayMoveOthers whether the user may move those that others have made: evidence of ingest
   * @param directory the tenant whose directory shows the old room, or null
   */
  record Closing(
      Draft tombstone,
      List<Revision> revisions,
      List<RoomAlias> aliases,
      boolean mayMoveOthers,
      @Nullable ServerName directory) {}

  /** What a new room must know of the upgrade that it is made by: whom to tell, and what. */
  record Upgrading(RoomId room, String upgradeId, Closing closing) {}

  /**
   * POST /upgrade, the first step of a saga (design D12), asked of the old room: it remembers that
   * it is being replaced and has {@code create} made, whose report brings the rest. Result:
   * replacement_room, and until it is there {@code pending} ({@link Pending}). A repeat by the same
   * user to the same version is told the same room. Fails with IN_PROGRESS while another upgrade is
   * under way.
   */
  record UpgradeRoom(
      String id, long ts, RoomId roomId, UserId user, CreateRoom create, Closing closing)
      implements RoomCommand {}

  /**
   * From the new room of an upgrade to the old one: it exists, or was refused. Result:
   * replacement_room.
   */
  record FinishUpgrade(
      String id,
      long ts,
      RoomId roomId,
      String upgradeId,
      RoomId replacement,
      Outcome outcome,
      Closing closing)
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
   * displayname, avatar_url, is_direct, reason. A join of a joined user changes nothing and
   * succeeds.
   *
   * @param restrictedEvidence for restricted joins: rooms of the join rule's allow list that the
   *     target was a member of when ingest looked, or null
   * @param remoteTarget whether the target's server is not hosted here: an invite needs its
   *     signature
   */
  record ChangeMembership(
      String id,
      long ts,
      RoomId roomId,
      UserId sender,
      UserId target,
      Action action,
      ObjectNode content,
      @Nullable List<RoomId> restrictedEvidence,
      boolean remoteTarget)
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

  /**
   * A state by what it differs in from the state before a known event.
   *
   * @param base a known event that is no outlier
   */
  record StateBefore(EventId base, List<StateChange> changes) {}

  /** An event made elsewhere; ingest has checked its signatures. */
  record ReceivedEvent(ObjectNode pdu, boolean signaturesValid) {}

  /**
   * An event made elsewhere, its signatures checked by ingest. Result: event_id, verdict.
   *
   * @param relayAs the tenant through which its server brings it, and which passes it on
   *     (send_join, send_knock, send_leave), or null
   * @param stateBefore what {@code origin} says of the state before it, where its history is not
   *     fetched; null: its predecessors tell
   */
  record ReceiveEvent(
      String id,
      long ts,
      RoomId roomId,
      ServerName origin,
      ObjectNode pdu,
      boolean signaturesValid,
      @Nullable ServerName relayAs,
      @Nullable StateBefore stateBefore)
      implements RoomCommand {
    /** An event whose predecessors tell its state, and which its origin brings to all. */
    public ReceiveEvent(
        String id,
        long ts,
        RoomId roomId,
        ServerName origin,
        ObjectNode pdu,
        boolean signaturesValid) {
      this(id, ts, roomId, origin, pdu, signaturesValid, null, null);
    }
  }

  /**
   * Events without their history, auth events before those that name them; {@link
   * RoomLimits#CHUNK_EVENTS_MAX} at most.
   */
  record ReceiveOutliers(
      String id, long ts, RoomId roomId, ServerName origin, List<ReceivedEvent> events)
      implements RoomCommand {}

  /**
   * A room is joined through another server (design D6). Fails with BAD_STATE if it is held, with
   * IN_PROGRESS if another join runs.
   *
   * @param joinEvent complete and signed
   */
  record BeginJoin(
      String id, long ts, RoomId roomId, String joinId, String roomVersion, ObjectNode joinEvent)
      implements RoomCommand {}

  /** An event of a join's answer; {@code inState}: an entry of the state before the join. */
  record JoinEvent(ObjectNode pdu, boolean signaturesValid, boolean inState) {}

  /**
   * A part of a join's auth chain and state, auth events before those that name them; {@link
   * RoomLimits#CHUNK_EVENTS_MAX} at most.
   */
  record JoinEvents(String id, long ts, RoomId roomId, String joinId, List<JoinEvent> events)
      implements RoomCommand {}

  /**
   * The join's events are all there. Result: {@code more: true} while the state is on its way, to
   * be sent again with a new id; then event_id.
   */
  record CommitJoin(String id, long ts, RoomId roomId, String joinId, ObjectNode joinEvent)
      implements RoomCommand {}

  /**
   * What became of a minted event (design D7); {@code id} is that of its effect. Result: event_id.
   *
   * @param signatures what another server added, merged into the event's; null: it did not sign
   * @param refusal why not, for the client
   */
  record AppendMinted(
      String id,
      long ts,
      RoomId roomId,
      EventId eventId,
      @Nullable ObjectNode signatures,
      @Nullable String refusal)
      implements RoomCommand {}

  /**
   * Someone reads to a gap. Result: {@code effect}, under whose id the history's outcome comes; or
   * {@code complete: true}.
   */
  record RequestBackfill(
      String id, long ts, RoomId roomId, EventId gapId, ServerName asTenant, int limit)
      implements RoomCommand {}

  /**
   * History below a gap's frontier; {@code id} is that of the effect that asked for it. Result:
   * {@code events}, how many are new.
   *
   * @param events oldest first; empty: none could be had, {@code refusal} says why
   * @param stateBefore of the oldest; null where that is known or the room begins with it
   */
  record Backfill(
      String id,
      long ts,
      RoomId roomId,
      EventId gapId,
      ServerName origin,
      List<ReceivedEvent> events,
      @Nullable StateBefore stateBefore,
      @Nullable String refusal)
      implements RoomCommand {}

  /**
   * A hosted user's membership of a room that is not held here: an invite received, a knock sent, a
   * leave of either.
   *
   * @param event the member event
   * @param strippedState of the room, as its server told it
   */
  record NoteRemoteMembership(
      String id,
      long ts,
      RoomId roomId,
      String roomVersion,
      UserId user,
      ObjectNode event,
      List<ObjectNode> strippedState)
      implements RoomCommand {}

  /**
   * From the account: a joined user's profile is now this (design D12). Null: the field is absent.
   */
  record EchoProfile(
      String id,
      long ts,
      RoomId roomId,
      UserId user,
      @Nullable String displayname,
      @Nullable String avatarUrl)
      implements RoomCommand {}

  /**
   * A joined user's device list has changed (design D12).
   *
   * @param changes as in {@link RoomRecord.DevicesChanged}, from the account; empty of other
   *     servers' users
   */
  record EchoDevices(String id, long ts, RoomId roomId, UserId user, List<DeviceListChange> changes)
      implements RoomCommand {
    public EchoDevices {
      changes = DeviceListChange.listed(changes);
    }
  }

  /**
   * Decides nothing; moves the partition past positions that must not be used again (design D3).
   *
   * @param firstOrdinal of its record, or -1 if the log holds this position's records already
   * @param logged then those records, which the store may lack
   */
  record Pad(String id, long ts, RoomId roomId, int firstOrdinal, List<RoomRecord> logged)
      implements RoomCommand {}
}
