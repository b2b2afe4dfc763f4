package org.headrace.projections.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.record.MediaContent;
import org.jspecify.annotations.Nullable;

/** Accounts, sessions, devices, keys, account data, to-device messages and aliases. */
public interface AccountsView {
  /** {@code passwordPosition}: where the hash was set, evidence for CreateSession. */
  record Account(
      UserId user, String passwordHash, Position passwordPosition, boolean admin, long createdTs) {}

  /** Who an access token belongs to. */
  record Session(UserId user, DeviceId device) {}

  record Device(UserId user, DeviceId device, @Nullable String displayName, long createdTs) {}

  /** One-time key counts by algorithm, unused fallback key algorithms. */
  record KeyCounts(SortedMap<String, Integer> oneTimeKeys, List<String> unusedFallbackTypes) {}

  /**
   * An upload.
   *
   * @param content null while it has not come
   * @param expiresTs until when it may come, in milliseconds since 1970; 0 once it has
   */
  record Media(UserId user, @Nullable MediaContent content, long expiresTs) {}

  Optional<Account> account(UserId user);

  /** {@code tokenHash}: SHA-256 of the token, unpadded URL-safe base64. */
  Optional<Session> session(String tokenHash);

  List<Device> devices(UserId user);

  Optional<Device> device(UserId user, DeviceId device);

  /** Profile fields of a user, by name; empty if none is set. */
  SortedMap<String, String> profile(UserId user);

  Optional<ObjectNode> filter(UserId user, String filterId);

  /** Uploaded identity keys by device. */
  SortedMap<DeviceId, ObjectNode> deviceKeys(UserId user);

  /**
   * The newest step of the user's device list as others see it; {@link Position#NONE}: it has none.
   * What is read after it is not older.
   */
  Position devicesChanged(UserId user);

  KeyCounts keyCounts(UserId user, DeviceId device);

  /** One value, global if the room is null. */
  Optional<AccountItem.AccountData> accountData(UserId user, @Nullable RoomId room, String type);

  /** Values with {@code after < position <= upTo}, by position. */
  List<AccountItem.AccountData> accountDataChanged(UserId user, Position after, Position upTo);

  /** Messages that wait with {@code after < position <= upTo}, oldest first. */
  List<AccountItem.ToDevice> toDevice(
      UserId user, DeviceId device, Position after, Position upTo, int limit);

  /** Where the alias points, reserved ones excluded. */
  Optional<RoomId> alias(RoomAlias alias);

  Optional<UserId> aliasCreator(RoomAlias alias);

  List<RoomAlias> aliasesOf(RoomId room);

  /** Rooms that a tenant's room directory shows, by room id; {@code limit} at most. */
  List<RoomId> listed(ServerName directory, int limit);

  boolean isListed(ServerName directory, RoomId room);

  /** Cross-signing keys by purpose: {@code master}, {@code self_signing}, {@code user_signing}. */
  SortedMap<String, ObjectNode> signingKeys(UserId user);

  /** What the signer's keys have signed of the target's keys, in the order of their ids. */
  List<KeySignature> signatures(UserId signer, UserId target);

  /** What {@code mxc://<server>/<media>} names, of a server that is hosted here. */
  Optional<Media> media(ServerName server, MediaId media);

  /** Bytes of all that the user has uploaded. */
  long mediaBytes(UserId user);

  /** The position that the views of account.log hold for this partition. */
  Position reached(int accountPartition);

  /**
   * The newest position of which the views hold an item; others of its command may not have come.
   * What is whole goes up to {@link #reached}.
   */
  Position itemsReached(int accountPartition);
}
