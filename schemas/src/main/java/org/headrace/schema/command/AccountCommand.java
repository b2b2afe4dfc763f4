package org.headrace.schema.command;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
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
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.record.MediaContent;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one account, one room alias, or a room's entry in a directory. Keyed on {@code
 * account.commands} by {@link #key}: the user id, the alias, or the room id. {@code id} and {@code
 * ts} as for {@link RoomCommand}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountCommand.Register.class, name = "register"),
  @JsonSubTypes.Type(value = AccountCommand.CreateSession.class, name = "create_session"),
  @JsonSubTypes.Type(value = AccountCommand.EndSessions.class, name = "end_sessions"),
  @JsonSubTypes.Type(value = AccountCommand.RenameDevice.class, name = "rename_device"),
  @JsonSubTypes.Type(value = AccountCommand.SetProfileField.class, name = "set_profile_field"),
  @JsonSubTypes.Type(value = AccountCommand.SetAccountData.class, name = "set_account_data"),
  @JsonSubTypes.Type(value = AccountCommand.AddFilter.class, name = "add_filter"),
  @JsonSubTypes.Type(value = AccountCommand.UploadKeys.class, name = "upload_keys"),
  @JsonSubTypes.Type(value = AccountCommand.ClaimKeys.class, name = "claim_keys"),
  @JsonSubTypes.Type(value = AccountCommand.SendToDevice.class, name = "send_to_device"),
  @JsonSubTypes.Type(
      value = AccountCommand.AcknowledgeToDevice.class,
      name = "acknowledge_to_device"),
  @JsonSubTypes.Type(value = AccountCommand.NoteMembership.class, name = "note_membership"),
  @JsonSubTypes.Type(value = AccountCommand.SetAlias.class, name = "set_alias"),
  @JsonSubTypes.Type(value = AccountCommand.DeleteAlias.class, name = "delete_alias"),
  @JsonSubTypes.Type(value = AccountCommand.MoveAlias.class, name = "move_alias"),
  @JsonSubTypes.Type(
      value = AccountCommand.CreateRoomWithAlias.class,
      name = "create_room_with_alias"),
  @JsonSubTypes.Type(value = AccountCommand.SettleAlias.class, name = "settle_alias"),
  @JsonSubTypes.Type(value = AccountCommand.ListRoom.class, name = "list_room"),
  @JsonSubTypes.Type(value = AccountCommand.ReserveMedia.class, name = "reserve_media"),
  @JsonSubTypes.Type(value = AccountCommand.StoreMedia.class, name = "store_media"),
  @JsonSubTypes.Type(value = AccountCommand.UploadSigningKeys.class, name = "upload_signing_keys"),
  @JsonSubTypes.Type(value = AccountCommand.UploadSignatures.class, name = "upload_signatures"),
  @JsonSubTypes.Type(value = AccountCommand.ContinueEcho.class, name = "continue_echo"),
  @JsonSubTypes.Type(value = AccountCommand.Pad.class, name = "pad"),
})
public sealed interface AccountCommand {
  String id();

  long ts();

  /** The user id, alias or room id that this is asked of. */
  String key();

  /**
   * A device with its access token's SHA-256 (unpadded URL-safe base64); the token itself stays out
   * of logs.
   */
  record Session(DeviceId device, String tokenHash, @Nullable String displayName) {}

  /**
   * A new account, with its first session unless inhibit_login. {@code initialAccountData} holds
   * what every account starts with (m.push_rules). Fails with USER_IN_USE.
   */
  record Register(
      String id,
      long ts,
      UserId user,
      String passwordHash,
      boolean admin,
      @Nullable Session session,
      SortedMap<String, ObjectNode> initialAccountData)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * A login: the password was checked by ingest against the hash set at {@code passwordPosition};
   * refused (FORBIDDEN) if it has changed since. An existing device's old token ends.
   */
  record CreateSession(
      String id, long ts, UserId user, Session session, @Nullable Position passwordPosition)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** Logs devices out and deletes them with their keys; null: all devices. */
  record EndSessions(String id, long ts, UserId user, @Nullable List<DeviceId> devices)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  record RenameDevice(
      String id, long ts, UserId user, DeviceId device, @Nullable String displayName)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** {@code value} null removes the field. Echoed into the user's joined rooms. */
  record SetProfileField(String id, long ts, UserId user, String field, @Nullable String value)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** Global account data, or a room's. */
  record SetAccountData(
      String id, long ts, UserId user, @Nullable RoomId room, String type, ObjectNode content)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** {@code filterId} is a hash of the filter, made by ingest: equal filters have one id. */
  record AddFilter(String id, long ts, UserId user, String filterId, ObjectNode filter)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * POST /keys/upload. One-time and fallback keys by {@code <algorithm>:<key id>}, objects or, of
   * unsigned algorithms, strings. Result: one_time_key_counts.
   */
  record UploadKeys(
      String id,
      long ts,
      UserId user,
      DeviceId device,
      @Nullable ObjectNode deviceKeys,
      SortedMap<String, JsonNode> oneTimeKeys,
      SortedMap<String, JsonNode> fallbackKeys)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** POST /keys/claim for one user: device to algorithm. Result: device to {key id: key}. */
  record ClaimKeys(String id, long ts, UserId user, SortedMap<String, String> devices)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * To-device messages for one user: device id or {@code *} to content. {@code dedupe} is equal for
   * repeats of the sender's transaction, which are dropped.
   */
  record SendToDevice(
      String id,
      long ts,
      UserId user,
      UserId sender,
      String type,
      SortedMap<String, ObjectNode> messages,
      String dedupe)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** The device has synced past all its to-device messages up to and including this position. */
  record AcknowledgeToDevice(String id, long ts, UserId user, DeviceId device, Position upTo)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * From a room: a local user's membership there is now this (design D12). {@code position} is that
   * of the room's record; a lower one than known changes nothing. For joins, {@code displayname}
   * and {@code avatarUrl} are those of the member event, so that the account can echo what differs.
   */
  record NoteMembership(
      String id,
      long ts,
      UserId user,
      RoomId room,
      String membership,
      Position position,
      @Nullable String displayname,
      @Nullable String avatarUrl)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** PUT /directory/room. Fails with ALIAS_IN_USE. */
  record SetAlias(String id, long ts, RoomAlias alias, RoomId room, UserId creator)
      implements AccountCommand {
    @Override
    public String key() {
      return alias.value();
    }
  }

  /**
   * DELETE /directory/room; {@code mayDeleteOthers}: by power in the room, as evidence of ingest.
   */
  record DeleteAlias(String id, long ts, RoomAlias alias, UserId user, boolean mayDeleteOthers)
      implements AccountCommand {
    @Override
    public String key() {
      return alias.value();
    }
  }

  /**
   * From a room that was upgraded: the alias points to the new room, if it is of the user's server
   * and points to the old room, and the user made it or may move what others made.
   */
  record MoveAlias(
      String id,
      long ts,
      RoomAlias alias,
      RoomId from,
      RoomId to,
      UserId user,
      boolean mayMoveOthers)
      implements AccountCommand {
    @Override
    public String key() {
      return alias.value();
    }
  }

  /**
   * createRoom with room_alias_name, the first step of a saga (design D12): if the alias is free it
   * is reserved and {@code create} goes to its room; the room's outcome comes back as SettleAlias.
   * The awaiter waits for {@code create.id()}; a taken alias is a failed outcome of this command's
   * id.
   */
  record CreateRoomWithAlias(
      String id, long ts, RoomAlias alias, UserId creator, RoomCommand.CreateRoom create)
      implements AccountCommand {
    @Override
    public String key() {
      return alias.value();
    }
  }

  /** From a room made with an alias: it exists, or was refused and the alias is free again. */
  record SettleAlias(String id, long ts, RoomAlias alias, RoomId room, boolean created)
      implements AccountCommand {
    @Override
    public String key() {
      return alias.value();
    }
  }

  /** A tenant's published room directory shows the room, or does so no more. */
  record ListRoom(String id, long ts, RoomId room, ServerName directory, boolean listed)
      implements AccountCommand {
    @Override
    public String key() {
      return room.value();
    }
  }

  /**
   * POST /media/v1/create: an {@code mxc://} URI of the user's server whose content comes later.
   * Fails with LIMIT_EXCEEDED where too many wait for theirs. {@code expiresTs}: in milliseconds
   * since 1970; the content must have come by then.
   */
  record ReserveMedia(String id, long ts, UserId user, MediaId media, long expiresTs)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * Content that was uploaded, and whose bytes are in the media store. Fails with CANNOT_OVERWRITE,
   * with FORBIDDEN beyond the quota, and, where it must be {@code reserved}, with NOT_FOUND.
   *
   * @param quotaBytes what all uploads of the user may have together, by the policy of this time
   */
  record StoreMedia(
      String id,
      long ts,
      UserId user,
      MediaId media,
      MediaContent content,
      boolean reserved,
      long quotaBytes)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /**
   * POST /keys/device_signing/upload: cross-signing keys by purpose ({@code master}, {@code
   * self_signing}, {@code user_signing}), whose signatures ingest has checked. Fails with FORBIDDEN
   * where it replaces a key, unless the user has authenticated again.
   */
  record UploadSigningKeys(
      String id, long ts, UserId user, SortedMap<String, ObjectNode> keys, boolean mayReplace)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** POST /keys/signatures/upload: signatures by the user's keys, which ingest has checked. */
  record UploadSignatures(String id, long ts, UserId user, List<KeySignature> signatures)
      implements AccountCommand {
    @Override
    public String key() {
      return user.value();
    }
  }

  /** What an account tells its joined rooms of. */
  enum Echo {
    PROFILE,
    DEVICES
  }

  /**
   * From the account to itself: the rest of an echo into more rooms than one command serves (design
   * D6). {@code origin} is the position of the record that is echoed and part of the echoes' ids;
   * {@code chunk} says which of the user's joined rooms come next, {@code changes} what an echo of
   * devices tells them.
   */
  record ContinueEcho(
      String id,
      long ts,
      UserId user,
      Echo echo,
      Position origin,
      int chunk,
      List<DeviceListChange> changes)
      implements AccountCommand {
    public ContinueEcho {
      changes = DeviceListChange.listed(changes);
    }

    @Override
    public String key() {
      return user.value();
    }
  }

  /** Decides nothing; see {@link RoomCommand.Pad}. */
  record Pad(String id, long ts, String key, int firstOrdinal, List<AccountRecord> logged)
      implements AccountCommand {}
}
