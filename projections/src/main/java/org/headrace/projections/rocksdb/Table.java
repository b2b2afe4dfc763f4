package org.headrace.projections.rocksdb;

/**
 * The tables of the one key space: each row key starts with its table's byte. Those of a family are
 * contiguous, so that a family is dropped as one range.
 */
enum Table {
  /** {@code name} → the format; {@code topic, partition} → checkpoint. */
  META(0x01),

  ROOM(0x10),
  /** room → position of its newest record. */
  ROOM_LAST(0x11),
  /** room, event → {@link StoredEvent}. */
  EVENT(0x12),
  /** the record key on {@code room.bodies} → its bytes. */
  BODY(0x13),
  /** room, event → the redaction's event id. */
  REDACTED(0x14),
  /** room, place → event id. */
  TIMELINE(0x15),
  /** room, type, state key, position descending → event id or nothing. */
  STATE(0x16),
  /** room, position, type, state key → event id or nothing. */
  STATE_CHANGE(0x17),
  /** room, position → user. */
  DEVICE_CHANGE(0x18),
  /** room, user → {@link StoredMember}. */
  MEMBER_OF_ROOM(0x19),
  /** user, room → {@link StoredMember}. */
  ROOM_OF_USER(0x1A),
  /** room → position of its newest membership change. */
  MEMBERS_CHANGED(0x1B),
  /** user, room → position. */
  FORGOTTEN(0x1C),
  /** room, the record key on {@code receipts} → position and record. */
  RECEIPT(0x1D),
  /** room, position → the record. Newest only. */
  RECEIPT_AT(0x1E),

  ACCOUNT(0x50),
  /** token hash → user and device. */
  TOKEN(0x51),
  /** user, device → {@link StoredSession}. */
  SESSION(0x52),
  DEVICE_NAME(0x53),
  PROFILE(0x54),
  FILTER(0x55),
  DEVICE_KEYS(0x56),
  KEY_COUNTS(0x57),
  ALIAS(0x58),
  /** room, alias → nothing; counts only if the alias says so too. */
  ALIAS_OF_ROOM(0x59),
  /** user, item key → the item. */
  ACCOUNT_DATA(0x5A),
  /** user → position of the newest account data. */
  ACCOUNT_DATA_LAST(0x5B),
  /** user, device, position → the item. */
  TO_DEVICE(0x5C);

  static final byte ROOMS_FROM = 0x10;
  static final byte ROOMS_TO = 0x50;
  static final byte ACCOUNTS_FROM = 0x50;
  static final byte ACCOUNTS_TO = (byte) 0x90;

  private final byte id;

  Table(int id) {
    this.id = (byte) id;
  }

  byte id() {
    return id;
  }
}
