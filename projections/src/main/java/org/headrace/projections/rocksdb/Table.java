package org.headrace.projections.rocksdb;

import org.headrace.projections.rows.StoredEvent;
import org.headrace.projections.rows.StoredGap;
import org.headrace.projections.rows.StoredMember;
import org.headrace.projections.rows.StoredSession;

/**
 * The tables of the one key space: each row key starts with its table's byte. Those of a family are
 * contiguous, so that a family is dropped as one range.
 */
enum Table {
  /** {@code name} → the format; {@code topic, partition} → checkpoint. */
  META(0x01),

  /** room → its version. */
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
  /** room → its forward extremities. */
  EXTREMITIES(0x1F),
  /** room, server, user → nothing: who is joined. */
  JOINED_OF_SERVER(0x20),
  /** room, server, user → nothing: of whom there is or was a member event. */
  USER_OF_SERVER(0x2A),
  /** user, room, position descending → {@link StoredMember}: told of rooms that were not held. */
  NOTED_MEMBER(0x21),
  /** room, position descending → nothing: steps of joins through other servers. */
  HELD(0x22),
  /** room, event → {@link StoredGap}. */
  GAP(0x23),
  /** room, event, ceiling descending → nothing: the first is the gap's highest place. */
  GAP_CEILING(0x24),
  /** room, ceiling → the gap's event. */
  GAP_AT(0x25),
  /** room, event, type, state key → event id or nothing. */
  BEFORE(0x26),
  /** room, type, state key, place → event id or nothing. */
  PAST(0x27),
  /** event, room → nothing. */
  ROOM_OF_EVENT(0x28),
  /** room, origin_server_ts, place → event id. */
  AT_TIME(0x29),

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
  TO_DEVICE(0x5C),
  /** user → position of the newest change of devices. */
  DEVICE_LIST(0x5D),
  /** server, room → nothing: what its room directory shows. */
  LISTED(0x5E),
  /** server, media id → the upload. */
  MEDIA(0x5F),
  /** user → bytes of all uploads. */
  MEDIA_BYTES(0x60),
  /** user, purpose → a cross-signing key. */
  SIGNING_KEY(0x61),
  /** user, target user, key id, signing key's id → the signature. */
  KEY_SIGNATURE(0x62);

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
