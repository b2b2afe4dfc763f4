package org.headrace.projections.rocksdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.rows.StoredAlias;
import org.headrace.projections.rows.StoredEvent;
import org.headrace.projections.rows.StoredGap;
import org.headrace.projections.rows.StoredMember;
import org.headrace.projections.rows.StoredRoom;
import org.headrace.projections.rows.StoredSession;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Turns row changes into one write batch. Where a table holds the newest only, the value that
 * stands before the change (in the batch or on disk) is looked at, and an older change is left out.
 * A membership that its record does not tell is taken from the event's row, which never changes.
 */
final class RowWriter {
  private static final String JOIN = "join";
  private static final String LEAVE = "leave";

  private final Rows rows;
  private final WriteBatch batch;

  /** What this batch has put into tables that are looked at before they are written. */
  private final Map<String, Optional<byte[]>> own = new HashMap<>();

  /** The events that this batch has put, by row key. */
  private final Map<String, StoredEvent> ownEvents = new HashMap<>();

  RowWriter(Rows rows, WriteBatch batch) {
    this.rows = rows;
    this.batch = batch;
  }

  void room(RowChange.OfRoom change) throws RocksDBException {
    switch (change) {
      case RowChange.RoomPut c ->
          put(
              RowKey.of(Table.ROOM).text(c.room().value()),
              LogJson.encode(new StoredRoom(c.roomVersion())));
      case RowChange.HeldPut c -> {
        put(
            RowKey.of(Table.HELD).text(c.room().value()).descending(c.position().packed()),
            RowValue.EMPTY);
        membersChanged(c.room(), c.position());
      }
      case RowChange.ExtremitiesPut c ->
          put(RowKey.of(Table.EXTREMITIES).text(c.room().value()), LogJson.encode(c.extremities()));
      case RowChange.RoomTouched c ->
          put(RowKey.of(Table.ROOM_LAST).text(c.room().value()), RowValue.position(c.last()));
      case RowChange.EventPut c -> event(c);
      case RowChange.TimelinePut c -> {
        byte[] event = RowValue.text(c.event().value());
        String room = c.room().value();
        put(RowKey.of(Table.TIMELINE).text(room).number(c.place()), event);
        put(RowKey.of(Table.AT_TIME).text(room).number(c.ts()).number(c.place()), event);
      }
      case RowChange.BeforePut c ->
          put(
              RowKey.of(Table.BEFORE)
                  .text(c.room().value())
                  .text(c.of().value())
                  .text(c.key().type())
                  .text(c.key().stateKey()),
              eventId(c.event()));
      case RowChange.PastPut c ->
          put(
              RowKey.of(Table.PAST)
                  .text(c.room().value())
                  .text(c.key().type())
                  .text(c.key().stateKey())
                  .number(c.place()),
              eventId(c.event()));
      case RowChange.GapPut c -> gap(c);
      case RowChange.RedactedPut c ->
          put(
              RowKey.of(Table.REDACTED).text(c.room().value()).text(c.target().value()),
              RowValue.text(c.redaction().value()));
      case RowChange.StatePut c -> state(c);
      case RowChange.MemberPut c -> member(c);
      case RowChange.ForgottenPut c ->
          put(
              RowKey.of(Table.FORGOTTEN).text(c.user().value()).text(c.room().value()),
              RowValue.position(c.position()));
      case RowChange.DevicesChangedPut c ->
          put(
              RowKey.of(Table.DEVICE_CHANGE).text(c.room().value()).number(c.position().packed()),
              RowValue.text(c.user().value()));
      case RowChange.BodyPut c -> put(RowKey.of(Table.BODY).text(c.recordKey()), c.body());
      case RowChange.BodyDelete c -> delete(RowKey.of(Table.BODY).text(c.recordKey()));
      case RowChange.ReceiptPut c -> receipt(c);
      case RowChange.TypingPut c -> throw new IllegalArgumentException("typing has no rows");
    }
  }

  void account(RowChange.OfAccount change) throws RocksDBException {
    switch (change) {
      case RowChange.PresencePut c -> throw new IllegalArgumentException("presence has no rows");
      case RowChange.AccountPut c ->
          put(
              RowKey.of(Table.ACCOUNT).text(c.account().user().value()),
              LogJson.encode(c.account()));
      case RowChange.SessionPut c -> session(c);
      case RowChange.DeviceNamePut c ->
          text(device(Table.DEVICE_NAME, c.user(), c.device()), c.displayName());
      case RowChange.DeviceDelete c -> {
        delete(device(Table.SESSION, c.user(), c.device()));
        delete(device(Table.DEVICE_NAME, c.user(), c.device()));
        delete(device(Table.DEVICE_KEYS, c.user(), c.device()));
        delete(device(Table.KEY_COUNTS, c.user(), c.device()));
      }
      case RowChange.ProfilePut c ->
          text(RowKey.of(Table.PROFILE).text(c.user().value()).text(c.field()), c.value());
      case RowChange.FilterPut c ->
          put(
              RowKey.of(Table.FILTER).text(c.user().value()).text(c.filterId()),
              LogJson.encode(c.filter()));
      case RowChange.DeviceKeysPut c ->
          put(device(Table.DEVICE_KEYS, c.user(), c.device()), LogJson.encode(c.keys()));
      case RowChange.DeviceListPut c ->
          put(RowKey.of(Table.DEVICE_LIST).text(c.user().value()), RowValue.position(c.position()));
      case RowChange.KeyCountsPut c ->
          put(
              device(Table.KEY_COUNTS, c.user(), c.device()),
              LogJson.encode(new AccountsView.KeyCounts(c.oneTimeKeys(), c.unusedFallbackTypes())));
      case RowChange.AliasPut c -> alias(c);
      case RowChange.ListedPut c -> {
        RowKey key = RowKey.of(Table.LISTED).text(c.directory().value()).text(c.room().value());
        if (c.listed()) {
          put(key, RowValue.EMPTY);
        } else {
          delete(key);
        }
      }
      case RowChange.SigningKeysPut c -> {
        for (Map.Entry<String, ObjectNode> key : c.keys().entrySet()) {
          put(
              RowKey.of(Table.SIGNING_KEY).text(c.user().value()).text(key.getKey()),
              LogJson.encode(key.getValue()));
        }
      }
      case RowChange.SignaturesPut c -> {
        for (KeySignature signature : c.signatures()) {
          put(
              RowKey.of(Table.KEY_SIGNATURE)
                  .text(c.user().value())
                  .text(signature.target().value())
                  .text(signature.keyId())
                  .text(signature.signer()),
              LogJson.encode(signature));
        }
      }
      case RowChange.MediaPut c ->
          put(
              RowKey.of(Table.MEDIA).text(c.server().value()).text(c.id().value()),
              LogJson.encode(c.media()));
      case RowChange.MediaBytesPut c ->
          put(RowKey.of(Table.MEDIA_BYTES).text(c.user().value()), LogJson.encode(c.bytes()));
      case RowChange.AccountDataPut c -> accountData(c.data());
      case RowChange.AccountDataDelete c -> {
        byte[] key = RowKey.of(Table.ACCOUNT_DATA).text(c.user()).text(c.itemKey()).bytes();
        own.put(name(key), Optional.empty());
        batch.delete(key);
      }
      case RowChange.ToDevicePut c -> {
        AccountItem.ToDevice message = c.message();
        put(
            toDevice(message.user().value(), message.device().value(), message.position()),
            LogJson.encode(message));
      }
      case RowChange.ToDeviceDelete c -> delete(toDevice(c.user(), c.device(), c.position()));
    }
  }

  /** What is known of an event in its place is more than what is known of it without. */
  private void event(RowChange.EventPut c) throws RocksDBException {
    byte[] key = event(c.room(), c.event()).bytes();
    if (c.outlier()) {
      StoredEvent standing = standingEvent(key);
      if (standing != null && !standing.outlier()) {
        return;
      }
    }
    StoredEvent stored =
        new StoredEvent(
            c.roomVersion(),
            c.position(),
            c.place(),
            c.verdict(),
            c.skeleton(),
            c.sentBy(),
            c.outlier(),
            c.base());
    ownEvents.put(name(key), stored);
    batch.put(key, LogJson.encode(stored));
    put(
        RowKey.of(Table.ROOM_OF_EVENT).text(c.event().value()).text(c.room().value()),
        RowValue.EMPTY);
  }

  private void state(RowChange.StatePut c) throws RocksDBException {
    byte[] event = eventId(c.event());
    String room = c.room().value();
    long position = c.position().packed();
    put(
        RowKey.of(Table.STATE)
            .text(room)
            .text(c.key().type())
            .text(c.key().stateKey())
            .descending(position),
        event);
    put(
        RowKey.of(Table.STATE_CHANGE)
            .text(room)
            .number(position)
            .text(c.key().type())
            .text(c.key().stateKey()),
        event);
  }

  private void gap(RowChange.GapPut c) throws RocksDBException {
    String room = c.room().value();
    RowKey key = RowKey.of(Table.GAP).text(room).text(c.gap().value());
    if (c.frontier().isEmpty()) {
      delete(key);
      return;
    }
    put(key, LogJson.encode(new StoredGap(c.frontier(), c.ceiling(), c.floor(), c.asked())));
    put(
        RowKey.of(Table.GAP_CEILING).text(room).text(c.gap().value()).descending(c.ceiling()),
        RowValue.EMPTY);
    put(RowKey.of(Table.GAP_AT).text(room).number(c.ceiling()), RowValue.text(c.gap().value()));
  }

  private void member(RowChange.MemberPut c) throws RocksDBException {
    String room = c.room().value();
    String user = c.user().value();
    String membership = c.membership() == null ? membership(c.room(), c.event()) : c.membership();
    byte[] value = LogJson.encode(new StoredMember(c.position(), c.event(), membership, c.noted()));
    put(RowKey.of(Table.MEMBER_OF_ROOM).text(room).text(user), value);
    put(RowKey.of(Table.ROOM_OF_USER).text(user).text(room), value);
    if (c.noted()) {
      put(
          RowKey.of(Table.NOTED_MEMBER).text(user).text(room).descending(c.position().packed()),
          value);
    }
    RowKey joined =
        RowKey.of(Table.JOINED_OF_SERVER).text(room).text(c.user().server().value()).text(user);
    put(
        RowKey.of(Table.USER_OF_SERVER).text(room).text(c.user().server().value()).text(user),
        RowValue.EMPTY);
    if (c.event() != null && membership.equals(JOIN)) {
      put(joined, RowValue.EMPTY);
    } else {
      delete(joined);
    }
    membersChanged(c.room(), c.position());
  }

  private void membersChanged(RoomId room, Position position) throws RocksDBException {
    put(RowKey.of(Table.MEMBERS_CHANGED).text(room.value()), RowValue.position(position));
  }

  /** What an event of an earlier record says, which never changes; {@code leave} if nothing. */
  private String membership(RoomId room, @Nullable EventId event) {
    StoredEvent stored = event == null ? null : standingEvent(event(room, event).bytes());
    return stored == null ? LEAVE : stored.membership();
  }

  private @Nullable StoredEvent standingEvent(byte[] key) {
    StoredEvent mine = ownEvents.get(name(key));
    if (mine != null) {
      return mine;
    }
    byte[] value = rows.get(key);
    return value == null ? null : LogJson.decode(value, StoredEvent.class);
  }

  private static RowKey event(RoomId room, EventId event) {
    return RowKey.of(Table.EVENT).text(room.value()).text(event.value());
  }

  private static byte[] eventId(@Nullable EventId event) {
    return event == null ? RowValue.EMPTY : RowValue.text(event.value());
  }

  private void receipt(RowChange.ReceiptPut c) throws RocksDBException {
    RoomId room = c.receipt().roomId();
    byte[] key = RowKey.of(Table.RECEIPT).text(room.value()).text(c.receipt().recordKey()).bytes();
    byte[] present = standing(key);
    if (present != null) {
      Position before = RowValue.position(present);
      if (before.isAfter(c.position())) {
        return;
      }
      delete(receiptAt(room, before));
    }
    putNewest(key, RowValue.position(c.position()));
    put(
        receiptAt(room, c.position()),
        LogJson.encode(new EphemeralView.Receipt(c.position(), c.receipt())));
  }

  private void session(RowChange.SessionPut c) throws RocksDBException {
    put(
        RowKey.of(Table.TOKEN).text(c.tokenHash()),
        LogJson.encode(new AccountsView.Session(c.user(), c.device())));
    put(
        device(Table.SESSION, c.user(), c.device()),
        LogJson.encode(new StoredSession(c.tokenHash(), c.createdTs())));
  }

  private void alias(RowChange.AliasPut c) throws RocksDBException {
    RowKey key = RowKey.of(Table.ALIAS).text(c.alias().value());
    RoomId room = c.room();
    if (room == null) {
      delete(key);
      return;
    }
    put(key, LogJson.encode(new StoredAlias(room, c.creator(), c.reserved())));
    put(RowKey.of(Table.ALIAS_OF_ROOM).text(room.value()).text(c.alias().value()), RowValue.EMPTY);
  }

  private void accountData(AccountItem.AccountData data) throws RocksDBException {
    String user = data.user().value();
    byte[] key = RowKey.of(Table.ACCOUNT_DATA).text(user).text(data.itemKey()).bytes();
    byte[] present = standing(key);
    if (present != null
        && LogJson.decode(present, AccountItem.class).position().isAfter(data.position())) {
      return;
    }
    putNewest(key, LogJson.encode(data));
    byte[] lastKey = RowKey.of(Table.ACCOUNT_DATA_LAST).text(user).bytes();
    byte[] last = standing(lastKey);
    if (last == null || data.position().isAfter(RowValue.position(last))) {
      putNewest(lastKey, RowValue.position(data.position()));
    }
  }

  private static RowKey receiptAt(RoomId room, Position position) {
    return RowKey.of(Table.RECEIPT_AT).text(room.value()).number(position.packed());
  }

  private static RowKey device(Table table, UserId user, DeviceId device) {
    return RowKey.of(table).text(user.value()).text(device.value());
  }

  static RowKey toDevice(String user, String device, Position position) {
    return RowKey.of(Table.TO_DEVICE).text(user).text(device).number(position.packed());
  }

  private byte @Nullable [] standing(byte[] key) {
    Optional<byte[]> mine = own.get(name(key));
    return mine != null ? mine.orElse(null) : rows.get(key);
  }

  private void putNewest(byte[] key, byte[] value) throws RocksDBException {
    own.put(name(key), Optional.of(value));
    batch.put(key, value);
  }

  private static String name(byte[] key) {
    return new String(key, StandardCharsets.ISO_8859_1);
  }

  private void text(RowKey key, @Nullable String value) throws RocksDBException {
    if (value == null) {
      delete(key);
    } else {
      put(key, RowValue.text(value));
    }
  }

  private void put(RowKey key, byte[] value) throws RocksDBException {
    batch.put(key.bytes(), value);
  }

  private void delete(RowKey key) throws RocksDBException {
    batch.delete(key.bytes());
  }
}
