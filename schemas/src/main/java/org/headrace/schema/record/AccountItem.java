package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * A value of {@code account.items}; its record key is {@code <user id>|<itemKey>} and a tombstone
 * takes it away. Each part of an item key is escaped ({@link KeyPart}). {@code position} is that of
 * the command's first record with an ordinal of its own.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountItem.AccountData.class, name = "account_data"),
  @JsonSubTypes.Type(value = AccountItem.ToDevice.class, name = "to_device"),
  @JsonSubTypes.Type(value = AccountItem.OneTimeKey.class, name = "one_time_key"),
})
public sealed interface AccountItem {
  Position position();

  UserId user();

  /** The item's key within its user; also what tombstones name. */
  String itemKey();

  /** The record key on {@code account.items}. */
  default String recordKey() {
    return user().value() + "|" + itemKey();
  }

  record AccountData(
      Position position, UserId user, @Nullable RoomId room, String type, ObjectNode content)
      implements AccountItem {
    @Override
    public String itemKey() {
      return "data|"
          + KeyPart.escape(room == null ? "" : room.value())
          + "|"
          + KeyPart.escape(type);
    }
  }

  record ToDevice(
      Position position,
      UserId user,
      DeviceId device,
      UserId sender,
      String type,
      ObjectNode content)
      implements AccountItem {
    /** Sorts by device, then position. */
    @Override
    public String itemKey() {
      return "to_device|"
          + KeyPart.escape(device.value())
          + "|"
          + String.format("%016x", position.packed());
    }
  }

  /** A one-time or fallback key that may be claimed; {@code keyId} is {@code <algorithm>:<id>}. */
  record OneTimeKey(
      Position position,
      UserId user,
      DeviceId device,
      String keyId,
      boolean fallback,
      JsonNode keyObject)
      implements AccountItem {
    /** A client may give a fallback key and a one-time key the same id. */
    @Override
    public String itemKey() {
      return "key|"
          + KeyPart.escape(device.value())
          + "|"
          + KeyPart.escape(keyId)
          + (fallback ? "|fallback" : "");
    }
  }
}
