package org.headrace.projections.cassandra;

/** Every way in which rows are put; the migrations say what the tables hold. */
final class RowPuts {
  static final Put ROOM = new Put("room", 1, 1, "room", "version");
  static final Put ROOM_LAST = new Put("room", 1, 1, "room", "last");
  static final Put EXTREMITIES = new Put("room", 1, 1, "room", "extremities");
  static final Put MEMBERS_CHANGED = new Put("room", 1, 1, "room", "members_changed");
  static final Put EVENT = new Put("event", 2, 2, "room", "event", "in_place");
  static final Put OUTLIER = new Put("event", 2, 2, "room", "event", "outlier");
  static final Put REDACTION = new Put("event", 2, 2, "room", "event", "redaction");
  static final Put BODY = new Put("body", 1, 1, "record_key", "body");
  static final Put ROOM_OF_EVENT = new Put("room_of_event", 1, 2, "event", "room");
  static final Put TIMELINE = new Put("timeline", 2, 3, "room", "bucket", "place", "event");
  static final Put AT_TIME = new Put("at_time", 2, 4, "room", "bucket", "ts", "place", "event");
  static final Put DEVICE_CHANGE =
      new Put("device_change", 2, 3, "room", "bucket", "position", "user");
  static final Put STATE_ENTRY =
      new Put("state_entry", 1, 3, "room", "type", "state_key", "position", "event");
  static final Put STATE_VERSION =
      new Put("state_version", 3, 4, "room", "type", "state_key", "position", "event");
  static final Put STATE_CHANGE =
      new Put("state_change", 2, 5, "room", "bucket", "position", "type", "state_key", "event");
  static final Put STATE_BEFORE =
      new Put("state_before", 2, 4, "room", "before_event", "type", "state_key", "event");
  static final Put STATE_PAST =
      new Put("state_past", 3, 4, "room", "type", "state_key", "place", "event");
  static final Put STATE_PAST_KEY = new Put("state_past_key", 1, 3, "room", "type", "state_key");
  static final Put GAP = new Put("gap", 1, 2, "room", "gap", "stored");
  static final Put GAP_CEILING = new Put("gap_ceiling", 2, 3, "room", "gap", "ceiling");
  static final Put GAP_AT = new Put("gap_at", 1, 2, "room", "ceiling", "gap");
  static final Put MEMBER_OF_ROOM = new Put("member_of_room", 1, 2, "room", "user", "member");
  static final Put ROOM_OF_USER = new Put("room_of_user", 1, 2, "user", "room", "member");
  static final Put FORGOTTEN_OF_ROOM = new Put("member_of_room", 1, 2, "room", "user", "forgotten");
  static final Put FORGOTTEN_OF_USER = new Put("room_of_user", 1, 2, "user", "room", "forgotten");
  static final Put NOTED_MEMBER =
      new Put("noted_member", 2, 3, "user", "room", "position", "member");
  static final Put HELD = new Put("held", 1, 2, "room", "position");
  static final Put JOINED_OF_SERVER = new Put("joined_of_server", 1, 3, "room", "server", "user");
  static final Put USER_OF_SERVER = new Put("user_of_server", 2, 3, "room", "server", "user");
  static final Put RECEIPT = new Put("receipt", 1, 2, "room", "record_key", "position", "receipt");
  static final Put TYPING = new Put("typing", 1, 2, "room", "user", "until_ts", "position");

  static final Put PRESENCE = new Put("presence", 1, 2, "part", "user", "position", "record");
  static final Put PRESENCE_CHANGED = new Put("presence", 1, 2, "part", "user", "changed");

  static final Put ACCOUNT = new Put("account", 1, 1, "user", "account");
  static final Put DEVICES_CHANGED = new Put("account", 1, 1, "user", "devices_changed");
  static final Put TOKEN = new Put("access_token", 1, 1, "token_hash", "session");
  static final Put SESSION = new Put("device", 1, 2, "user", "device", "session");
  static final Put DEVICE_NAME = new Put("device", 1, 2, "user", "device", "name");
  static final Put DEVICE_KEYS = new Put("device", 1, 2, "user", "device", "keys");
  static final Put KEY_COUNTS = new Put("device", 1, 2, "user", "device", "key_counts");
  static final Put PROFILE = new Put("profile", 1, 2, "user", "field", "value");
  static final Put FILTER = new Put("filter", 2, 2, "user", "filter_id", "filter");
  static final Put ALIAS = new Put("alias", 1, 1, "alias", "stored");
  static final Put ALIAS_OF_ROOM = new Put("alias_of_room", 1, 2, "room", "alias");
  static final Put ACCOUNT_DATA = new Put("account_data", 1, 2, "user", "item_key", "item");
  static final Put ACCOUNT_DATA_NEWEST = new Put("account_data", 1, 1, "user", "newest");
  static final Put TO_DEVICE = new Put("to_device", 2, 3, "user", "device", "position", "item");
  static final Put LISTED = new Put("listed", 1, 2, "directory", "room");

  static final Put SIGNING_KEY = new Put("signing_key", 1, 2, "user", "purpose", "key");
  static final Put KEY_SIGNATURE =
      new Put("key_signature", 2, 4, "user", "target", "key_id", "signer", "signature");
  static final Put MEDIA = new Put("media", 2, 2, "server", "media", "upload");
  static final Put MEDIA_BYTES = new Put("media_of_user", 1, 1, "user", "bytes");

  private RowPuts() {}
}
