package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SortedMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * What was decided of an account, an alias or a directory's entry; {@code account.log} holds these
 * for ever, in order, keyed by user id, alias or room id. What vanishes or is replaced lies in
 * {@code account.items} instead.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountRecord.AccountCreated.class, name = "account_created"),
  @JsonSubTypes.Type(value = AccountRecord.SessionCreated.class, name = "session_created"),
  @JsonSubTypes.Type(value = AccountRecord.DevicesDeleted.class, name = "devices_deleted"),
  @JsonSubTypes.Type(value = AccountRecord.DeviceRenamed.class, name = "device_renamed"),
  @JsonSubTypes.Type(value = AccountRecord.ProfileChanged.class, name = "profile_changed"),
  @JsonSubTypes.Type(value = AccountRecord.FilterAdded.class, name = "filter_added"),
  @JsonSubTypes.Type(value = AccountRecord.DeviceKeysChanged.class, name = "device_keys_changed"),
  @JsonSubTypes.Type(value = AccountRecord.DeviceListChanged.class, name = "device_list_changed"),
  @JsonSubTypes.Type(value = AccountRecord.KeyCountsChanged.class, name = "key_counts_changed"),
  @JsonSubTypes.Type(value = AccountRecord.MembershipNoted.class, name = "membership_noted"),
  @JsonSubTypes.Type(value = AccountRecord.ItemsChanged.class, name = "items_changed"),
  @JsonSubTypes.Type(value = AccountRecord.AliasChanged.class, name = "alias_changed"),
  @JsonSubTypes.Type(value = AccountRecord.RoomListed.class, name = "room_listed"),
  @JsonSubTypes.Type(value = AccountRecord.MediaReserved.class, name = "media_reserved"),
  @JsonSubTypes.Type(value = AccountRecord.MediaStored.class, name = "media_stored"),
  @JsonSubTypes.Type(value = AccountRecord.SigningKeysChanged.class, name = "signing_keys_changed"),
  @JsonSubTypes.Type(value = AccountRecord.SignaturesAdded.class, name = "signatures_added"),
  @JsonSubTypes.Type(value = AccountRecord.CommandSettled.class, name = "settled"),
})
public sealed interface AccountRecord extends LogRecord {
  /** The user id, alias or room id. */
  String key();

  record AccountCreated(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      String passwordHash,
      boolean admin,
      long createdTs)
      implements AccountRecord {}

  /** A login: the device's token is now this one, its earlier ended. */
  record SessionCreated(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      DeviceId device,
      String tokenHash,
      @Nullable String displayName,
      long ts)
      implements AccountRecord {}

  /** The devices, their tokens and their keys are gone. */
  record DevicesDeleted(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      List<DeviceId> devices)
      implements AccountRecord {}

  record DeviceRenamed(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      DeviceId device,
      @Nullable String displayName)
      implements AccountRecord {}

  record ProfileChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      String field,
      @Nullable String value)
      implements AccountRecord {}

  record FilterAdded(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      String filterId,
      ObjectNode filter)
      implements AccountRecord {}

  /** The device's identity keys, as uploaded. */
  record DeviceKeysChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      DeviceId device,
      ObjectNode deviceKeys)
      implements AccountRecord {}

  /**
   * Others see the user's devices differently from here on: what changed is in the records before,
   * of the same command. See {@link DeviceListChange}.
   */
  record DeviceListChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      @Nullable DeviceId device,
      @Nullable Position previous)
      implements AccountRecord {}

  /** How many one-time keys the device has by algorithm, and which fallback keys are unused. */
  record KeyCountsChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      DeviceId device,
      SortedMap<String, Integer> oneTimeKeyCounts,
      List<String> unusedFallbackKeyTypes)
      implements AccountRecord {}

  /** {@code roomPosition}: of the room's record that says so. */
  record MembershipNoted(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      RoomId room,
      String membership,
      Position roomPosition)
      implements AccountRecord {}

  /**
   * Items of this command are on {@code account.items}: the keys of those it put there and of those
   * it took away (never their contents). {@code dedupe} is that of to-device messages.
   */
  record ItemsChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      List<String> itemKeys,
      List<String> removedItemKeys,
      @Nullable String dedupe)
      implements AccountRecord {}

  /**
   * The alias points to the room; null: to none.
   *
   * @param reserved the room is still being made
   * @param ts of the command, by which a reservation ends
   */
  record AliasChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      RoomAlias alias,
      @Nullable RoomId room,
      @Nullable UserId creator,
      boolean reserved,
      long ts)
      implements AccountRecord {}

  /** A tenant's published room directory shows the room, or does so no more. */
  record RoomListed(
      Position position,
      String key,
      String commandId,
      boolean last,
      RoomId room,
      ServerName directory,
      boolean listed)
      implements AccountRecord {}

  /** A media id waits for its content, until {@code expiresTs}. */
  record MediaReserved(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      MediaId media,
      long expiresTs)
      implements AccountRecord {}

  /** {@code usedBytes}: what all uploads of the user have together now. */
  record MediaStored(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      MediaId media,
      MediaContent content,
      long usedBytes,
      long ts)
      implements AccountRecord {}

  /** The user's cross-signing keys of these purposes are now these. */
  record SigningKeysChanged(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      SortedMap<String, ObjectNode> keys)
      implements AccountRecord {}

  /** The user's keys have signed these. */
  record SignaturesAdded(
      Position position,
      String key,
      String commandId,
      boolean last,
      UserId user,
      List<KeySignature> signatures)
      implements AccountRecord {}

  /** A command that yielded nothing else: refused, repeated, or without effect. */
  record CommandSettled(
      Position position, String key, String commandId, boolean last, Outcome outcome)
      implements AccountRecord {}
}
