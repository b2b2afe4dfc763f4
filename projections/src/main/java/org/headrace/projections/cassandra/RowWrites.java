package org.headrace.projections.cassandra;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.RowChangeAt;
import org.headrace.projections.rows.StoredAlias;
import org.headrace.projections.rows.StoredEvent;
import org.headrace.projections.rows.StoredGap;
import org.headrace.projections.rows.StoredMember;
import org.headrace.projections.rows.StoredSession;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;

/**
 * Turns row changes into writes. Nothing of what stands is looked at but what never changes: what a
 * member event says where its record does not tell. Timestamps do the rest.
 */
final class RowWrites {
  private static final String JOIN = "join";
  private static final String LEAVE = "leave";

  /** An event of a room. */
  private record Key(RoomId room, EventId event) {}

  private final WriteSet writes = new WriteSet();

  /** What must not be seen before the other writes are. */
  private final WriteSet last = new WriteSet();

  private final Set<Bucket> known;
  private final Set<Bucket> used = new LinkedHashSet<>();
  private final Map<Key, String> memberships = new LinkedHashMap<>();

  /** A bucket of a room that has rows. */
  record Bucket(RoomId room, Buckets kind, long bucket) {}

  /**
   * @param known buckets that are in their table already
   */
  RowWrites(List<RowChangeAt> changes, CassandraEventRows events, Set<Bucket> known) {
    this.known = known;
    findMemberships(changes, events);
    for (RowChangeAt at : changes) {
      long ts = at.position().packed();
      switch (at.change()) {
        case RowChange.OfRoom change -> room(change, ts);
        case RowChange.OfAccount change -> account(change, ts);
      }
    }
  }

  WriteSet writes() {
    return writes;
  }

  WriteSet last() {
    return last;
  }

  /** The buckets that these writes put rows into. */
  Set<Bucket> buckets() {
    return used;
  }

  private void findMemberships(List<RowChangeAt> changes, CassandraEventRows events) {
    List<Key> wanted = new ArrayList<>();
    for (RowChangeAt at : changes) {
      if (at.change() instanceof RowChange.EventPut put) {
        memberships.put(new Key(put.room(), put.event()), stored(put).membership());
      } else if (at.change() instanceof RowChange.MemberPut put
          && put.membership() == null
          && put.event() != null) {
        Key key = new Key(put.room(), put.event());
        if (!memberships.containsKey(key)) {
          wanted.add(key);
        }
      }
    }
    List<Optional<StoredEvent>> found =
        events.events(
            wanted.stream()
                .map(key -> new Object[] {key.room().value(), key.event().value()})
                .toList());
    for (int i = 0; i < wanted.size(); i++) {
      Key key = wanted.get(i);
      found.get(i).ifPresent(event -> memberships.put(key, event.membership()));
    }
  }

  private void room(RowChange.OfRoom change, long ts) {
    switch (change) {
      case RowChange.RoomPut c -> writes.put(RowPuts.ROOM, ts, c.room().value(), c.roomVersion());
      case RowChange.HeldPut c -> {
        writes.put(RowPuts.HELD, ts, c.room().value(), c.position().packed());
        last.put(RowPuts.MEMBERS_CHANGED, ts, c.room().value(), c.position().packed());
      }
      case RowChange.ExtremitiesPut c ->
          writes.put(RowPuts.EXTREMITIES, ts, c.room().value(), Cells.json(c.extremities()));
      case RowChange.RoomTouched c ->
          writes.put(RowPuts.ROOM_LAST, ts, c.room().value(), c.last().packed());
      case RowChange.EventPut c -> {
        writes.put(
            c.outlier() ? RowPuts.OUTLIER : RowPuts.EVENT,
            ts,
            c.room().value(),
            c.event().value(),
            Cells.json(stored(c)));
        writes.put(RowPuts.ROOM_OF_EVENT, ts, c.event().value(), c.room().value());
      }
      case RowChange.TimelinePut c -> timeline(c, ts);
      case RowChange.BeforePut c ->
          writes.put(
              RowPuts.STATE_BEFORE,
              ts,
              c.room().value(),
              c.of().value(),
              c.key().type(),
              c.key().stateKey(),
              Cells.event(c.event()));
      case RowChange.PastPut c -> past(c, ts);
      case RowChange.GapPut c -> gap(c, ts);
      case RowChange.RedactedPut c ->
          writes.put(
              RowPuts.REDACTION, ts, c.room().value(), c.target().value(), c.redaction().value());
      case RowChange.StatePut c -> state(c, ts);
      case RowChange.MemberPut c -> member(c, ts);
      case RowChange.ForgottenPut c -> {
        String room = c.room().value();
        String user = c.user().value();
        writes.put(RowPuts.FORGOTTEN_OF_USER, ts, user, room, c.position().packed());
        writes.put(RowPuts.FORGOTTEN_OF_ROOM, ts, room, user, c.position().packed());
      }
      case RowChange.DevicesChangedPut c -> {
        long position = c.position().packed();
        long bucket = bucket(Buckets.DEVICE, c.room(), position, ts);
        writes.put(RowPuts.DEVICE_CHANGE, ts, c.room().value(), bucket, position, c.user().value());
      }
      case RowChange.BodyPut c ->
          writes.put(RowPuts.BODY, ts, c.recordKey(), ByteBuffer.wrap(c.body()));
      case RowChange.BodyDelete c -> writes.delete(RowPuts.BODY, ts, c.recordKey());
      case RowChange.TypingPut c ->
          writes.put(
              RowPuts.TYPING,
              ts,
              c.typing().roomId().value(),
              c.typing().user().value(),
              c.typing().untilTs(),
              c.position().packed());
      case RowChange.ReceiptPut c ->
          writes.put(
              RowPuts.RECEIPT,
              ts,
              c.receipt().roomId().value(),
              c.receipt().recordKey(),
              c.position().packed(),
              Cells.json(new EphemeralView.Receipt(c.position(), c.receipt())));
    }
  }

  private long bucket(Buckets kind, RoomId room, long value, long ts) {
    Bucket bucket = new Bucket(room, kind, kind.of(value));
    if (used.add(bucket) && !known.contains(bucket)) {
      writes.put(Buckets.INDEX, ts, room.value(), kind.kind(), bucket.bucket());
    }
    return bucket.bucket();
  }

  private void timeline(RowChange.TimelinePut c, long ts) {
    String room = c.room().value();
    String event = c.event().value();
    long byPlace = bucket(Buckets.TIMELINE, c.room(), c.place(), ts);
    writes.put(RowPuts.TIMELINE, ts, room, byPlace, c.place(), event);
    long byTime = bucket(Buckets.TIME, c.room(), c.ts(), ts);
    writes.put(RowPuts.AT_TIME, ts, room, byTime, c.ts(), c.place(), event);
  }

  private void past(RowChange.PastPut c, long ts) {
    String room = c.room().value();
    String type = c.key().type();
    String stateKey = c.key().stateKey();
    writes.put(RowPuts.STATE_PAST, ts, room, type, stateKey, c.place(), Cells.event(c.event()));
    writes.put(RowPuts.STATE_PAST_KEY, ts, room, type, stateKey);
  }

  private void gap(RowChange.GapPut c, long ts) {
    String room = c.room().value();
    String gap = c.gap().value();
    if (c.frontier().isEmpty()) {
      writes.delete(RowPuts.GAP, ts, room, gap);
      return;
    }
    StoredGap stored = new StoredGap(c.frontier(), c.ceiling(), c.floor(), c.asked());
    writes.put(RowPuts.GAP, ts, room, gap, Cells.json(stored));
    writes.put(RowPuts.GAP_CEILING, ts, room, gap, c.ceiling());
    writes.put(RowPuts.GAP_AT, ts, room, c.ceiling(), gap);
  }

  private void state(RowChange.StatePut c, long ts) {
    String room = c.room().value();
    String type = c.key().type();
    String stateKey = c.key().stateKey();
    long position = c.position().packed();
    String event = Cells.event(c.event());
    writes.put(RowPuts.STATE_ENTRY, ts, room, type, stateKey, position, event);
    writes.put(RowPuts.STATE_VERSION, ts, room, type, stateKey, position, event);
    long bucket = bucket(Buckets.STATE, c.room(), position, ts);
    writes.put(RowPuts.STATE_CHANGE, ts, room, bucket, position, type, stateKey, event);
  }

  private void member(RowChange.MemberPut c, long ts) {
    String room = c.room().value();
    String user = c.user().value();
    String server = c.user().server().value();
    String membership = membership(c.room(), c.event(), c.membership());
    String member = Cells.json(new StoredMember(c.position(), c.event(), membership, c.noted()));
    writes.put(RowPuts.MEMBER_OF_ROOM, ts, room, user, member);
    writes.put(RowPuts.ROOM_OF_USER, ts, user, room, member);
    if (c.noted()) {
      writes.put(RowPuts.NOTED_MEMBER, ts, user, room, c.position().packed(), member);
    }
    writes.put(RowPuts.USER_OF_SERVER, ts, room, server, user);
    if (c.event() != null && membership.equals(JOIN)) {
      writes.put(RowPuts.JOINED_OF_SERVER, ts, room, server, user);
    } else {
      writes.delete(RowPuts.JOINED_OF_SERVER, ts, room, server, user);
    }
    last.put(RowPuts.MEMBERS_CHANGED, ts, room, c.position().packed());
  }

  private String membership(RoomId room, @Nullable EventId event, @Nullable String told) {
    if (told != null) {
      return told;
    }
    return event == null ? LEAVE : memberships.getOrDefault(new Key(room, event), LEAVE);
  }

  private static StoredEvent stored(RowChange.EventPut c) {
    return new StoredEvent(
        c.roomVersion(),
        c.position(),
        c.place(),
        c.verdict(),
        c.skeleton(),
        c.sentBy(),
        c.outlier(),
        c.base());
  }

  private void account(RowChange.OfAccount change, long ts) {
    switch (change) {
      case RowChange.AccountPut c ->
          writes.put(RowPuts.ACCOUNT, ts, c.account().user().value(), Cells.json(c.account()));
      case RowChange.SessionPut c -> {
        String user = c.user().value();
        String device = c.device().value();
        writes.put(
            RowPuts.TOKEN,
            ts,
            c.tokenHash(),
            Cells.json(new AccountsView.Session(c.user(), c.device())));
        writes.put(
            RowPuts.SESSION,
            ts,
            user,
            device,
            Cells.json(new StoredSession(c.tokenHash(), c.createdTs())));
      }
      case RowChange.DeviceNamePut c -> {
        String user = c.user().value();
        String device = c.device().value();
        if (c.displayName() == null) {
          writes.deleteCells(RowPuts.DEVICE_NAME, ts, user, device);
        } else {
          writes.put(RowPuts.DEVICE_NAME, ts, user, device, c.displayName());
        }
      }
      case RowChange.DeviceDelete c ->
          writes.delete(RowPuts.SESSION, ts, c.user().value(), c.device().value());
      case RowChange.ProfilePut c -> {
        if (c.value() == null) {
          writes.delete(RowPuts.PROFILE, ts, c.user().value(), c.field());
        } else {
          writes.put(RowPuts.PROFILE, ts, c.user().value(), c.field(), c.value());
        }
      }
      case RowChange.FilterPut c ->
          writes.put(RowPuts.FILTER, ts, c.user().value(), c.filterId(), Cells.json(c.filter()));
      case RowChange.DeviceKeysPut c ->
          writes.put(
              RowPuts.DEVICE_KEYS, ts, c.user().value(), c.device().value(), Cells.json(c.keys()));
      case RowChange.DeviceListPut c ->
          last.put(RowPuts.DEVICES_CHANGED, ts, c.user().value(), c.position().packed());
      case RowChange.KeyCountsPut c ->
          writes.put(
              RowPuts.KEY_COUNTS,
              ts,
              c.user().value(),
              c.device().value(),
              Cells.json(new AccountsView.KeyCounts(c.oneTimeKeys(), c.unusedFallbackTypes())));
      case RowChange.AliasPut c -> alias(c, ts);
      case RowChange.ListedPut c -> {
        String directory = c.directory().value();
        if (c.listed()) {
          writes.put(RowPuts.LISTED, ts, directory, c.room().value());
        } else {
          writes.delete(RowPuts.LISTED, ts, directory, c.room().value());
        }
      }
      case RowChange.AccountDataPut c -> {
        AccountItem.AccountData data = c.data();
        String user = data.user().value();
        writes.put(RowPuts.ACCOUNT_DATA, ts, user, data.itemKey(), Cells.json(data));
        writes.put(RowPuts.ACCOUNT_DATA_NEWEST, ts, user, data.position().packed());
      }
      case RowChange.AccountDataDelete c ->
          writes.delete(RowPuts.ACCOUNT_DATA, ts, c.user(), c.itemKey());
      case RowChange.ToDevicePut c -> {
        AccountItem.ToDevice message = c.message();
        writes.put(
            RowPuts.TO_DEVICE,
            ts,
            message.user().value(),
            message.device().value(),
            message.position().packed(),
            Cells.json(message));
      }
      case RowChange.ToDeviceDelete c ->
          writes.delete(RowPuts.TO_DEVICE, ts, c.user(), c.device(), c.position().packed());
      case RowChange.SigningKeysPut c ->
          c.keys()
              .forEach(
                  (purpose, key) ->
                      writes.put(
                          RowPuts.SIGNING_KEY, ts, c.user().value(), purpose, Cells.json(key)));
      case RowChange.PresencePut c -> presence(c, ts);
      case RowChange.SignaturesPut c -> signatures(c, ts);
      case RowChange.MediaPut c ->
          writes.put(RowPuts.MEDIA, ts, c.server().value(), c.id().value(), Cells.json(c.media()));
      case RowChange.MediaBytesPut c ->
          writes.put(RowPuts.MEDIA_BYTES, ts, c.user().value(), c.bytes());
    }
  }

  private void presence(RowChange.PresencePut c, long ts) {
    String user = c.presence().user().value();
    long position = c.position().packed();
    writes.put(RowPuts.PRESENCE, ts, c.partition(), user, position, Cells.json(c.presence()));
    if (!c.presence().renewal()) {
      writes.put(RowPuts.PRESENCE_CHANGED, ts, c.partition(), user, position);
    }
  }

  private void signatures(RowChange.SignaturesPut c, long ts) {
    for (KeySignature signature : c.signatures()) {
      writes.put(
          RowPuts.KEY_SIGNATURE,
          ts,
          c.user().value(),
          signature.target().value(),
          signature.keyId(),
          signature.signer(),
          Cells.json(signature));
    }
  }

  private void alias(RowChange.AliasPut c, long ts) {
    RoomId room = c.room();
    String alias = c.alias().value();
    if (room == null) {
      writes.delete(RowPuts.ALIAS, ts, alias);
      return;
    }
    StoredAlias stored = new StoredAlias(room, c.creator(), c.reserved());
    writes.put(RowPuts.ALIAS, ts, alias, Cells.json(stored));
    writes.put(RowPuts.ALIAS_OF_ROOM, ts, room.value(), alias);
  }
}
