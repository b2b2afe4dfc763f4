package org.headrace.projections.rocksdb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.rows.Reached;
import org.headrace.projections.rows.StoredAlias;
import org.headrace.projections.rows.StoredSession;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;

/** Accounts and aliases from rows. */
final class RocksAccountsView implements AccountsView {
  private static final ObjectNode EMPTY = Json.object();

  private final Rows rows;
  private final Reached reached;

  RocksAccountsView(Rows rows, Reached reached) {
    this.rows = rows;
    this.reached = reached;
  }

  @Override
  public Optional<Account> account(UserId user) {
    return get(RowKey.of(Table.ACCOUNT).text(user.value()), Account.class);
  }

  /** A token counts while its device has no newer one. */
  @Override
  public Optional<Session> session(String tokenHash) {
    return get(RowKey.of(Table.TOKEN).text(tokenHash), Session.class)
        .filter(
            session ->
                get(device(Table.SESSION, session.user(), session.device()), StoredSession.class)
                    .filter(stored -> stored.tokenHash().equals(tokenHash))
                    .isPresent());
  }

  @Override
  public List<Device> devices(UserId user) {
    List<Device> devices = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.SESSION).text(user.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        DeviceId device = new DeviceId(new RowKey.Reader(cursor.key()).skipText().text());
        devices.add(device(user, device, LogJson.decode(cursor.value(), StoredSession.class)));
      }
    }
    return devices;
  }

  @Override
  public Optional<Device> device(UserId user, DeviceId device) {
    return get(device(Table.SESSION, user, device), StoredSession.class)
        .map(stored -> device(user, device, stored));
  }

  private Device device(UserId user, DeviceId device, StoredSession stored) {
    byte[] name = rows.get(device(Table.DEVICE_NAME, user, device).bytes());
    return new Device(user, device, name == null ? null : RowValue.text(name), stored.createdTs());
  }

  @Override
  public SortedMap<String, String> profile(UserId user) {
    SortedMap<String, String> fields = new TreeMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.PROFILE).text(user.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        fields.put(
            new RowKey.Reader(cursor.key()).skipText().text(), RowValue.text(cursor.value()));
      }
    }
    return fields;
  }

  @Override
  public Optional<ObjectNode> filter(UserId user, String filterId) {
    return get(RowKey.of(Table.FILTER).text(user.value()).text(filterId), ObjectNode.class);
  }

  @Override
  public SortedMap<DeviceId, ObjectNode> deviceKeys(UserId user) {
    SortedMap<DeviceId, ObjectNode> keys = new TreeMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.DEVICE_KEYS).text(user.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        keys.put(
            new DeviceId(new RowKey.Reader(cursor.key()).skipText().text()),
            LogJson.decode(cursor.value(), ObjectNode.class));
      }
    }
    return keys;
  }

  @Override
  public Position devicesChanged(UserId user) {
    byte[] position = rows.get(RowKey.of(Table.DEVICE_LIST).text(user.value()).bytes());
    return position == null ? Position.NONE : RowValue.position(position);
  }

  @Override
  public KeyCounts keyCounts(UserId user, DeviceId device) {
    return get(device(Table.KEY_COUNTS, user, device), KeyCounts.class)
        .orElseGet(() -> new KeyCounts(new TreeMap<>(), List.of()));
  }

  @Override
  public Optional<AccountItem.AccountData> accountData(
      UserId user, @Nullable RoomId room, String type) {
    String itemKey = new AccountItem.AccountData(Position.NONE, user, room, type, EMPTY).itemKey();
    return get(RowKey.of(Table.ACCOUNT_DATA).text(user.value()).text(itemKey), AccountItem.class)
        .map(AccountItem.AccountData.class::cast);
  }

  @Override
  public List<AccountItem.AccountData> accountDataChanged(
      UserId user, Position after, Position upTo) {
    List<AccountItem.AccountData> changed = new ArrayList<>();
    byte[] last = rows.get(RowKey.of(Table.ACCOUNT_DATA_LAST).text(user.value()).bytes());
    if (last == null || !RowValue.position(last).isAfter(after)) {
      return changed;
    }
    try (var cursor = rows.cursor(RowKey.of(Table.ACCOUNT_DATA).text(user.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        if (LogJson.decode(cursor.value(), AccountItem.class)
                instanceof AccountItem.AccountData data
            && data.position().isAfter(after)
            && !data.position().isAfter(upTo)) {
          changed.add(data);
        }
      }
    }
    changed.sort(Comparator.comparing(AccountItem.AccountData::position));
    return changed;
  }

  @Override
  public List<AccountItem.ToDevice> toDevice(
      UserId user, DeviceId device, Position after, Position upTo, int limit) {
    List<AccountItem.ToDevice> messages = new ArrayList<>();
    if (after.isAfter(upTo)) {
      return messages;
    }
    try (var cursor =
        rows.cursor(
            toDevice(user, device).number(after.packed() + 1).bytes(),
            toDevice(user, device).number(upTo.packed() + 1).bytes())) {
      boolean found = cursor.first();
      while (found && messages.size() < limit) {
        if (LogJson.decode(cursor.value(), AccountItem.class)
            instanceof AccountItem.ToDevice message) {
          messages.add(message);
        }
        found = cursor.next();
      }
    }
    return messages;
  }

  @Override
  public Optional<RoomId> alias(RoomAlias alias) {
    return settled(alias).map(StoredAlias::room);
  }

  @Override
  public Optional<UserId> aliasCreator(RoomAlias alias) {
    return settled(alias).map(StoredAlias::creator);
  }

  @Override
  public List<RoomAlias> aliasesOf(RoomId room) {
    List<RoomAlias> aliases = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.ALIAS_OF_ROOM).text(room.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        aliases.add(new RoomAlias(new RowKey.Reader(cursor.key()).skipText().text()));
      }
    }
    aliases.removeIf(alias -> !alias(alias).filter(room::equals).isPresent());
    return aliases;
  }

  @Override
  public List<RoomId> listed(ServerName directory, int limit) {
    List<RoomId> listed = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.LISTED).text(directory.value()).bytes())) {
      for (boolean found = cursor.first(); found && listed.size() < limit; found = cursor.next()) {
        listed.add(new RoomId(new RowKey.Reader(cursor.key()).skipText().text()));
      }
    }
    return listed;
  }

  @Override
  public boolean isListed(ServerName directory, RoomId room) {
    return rows.get(RowKey.of(Table.LISTED).text(directory.value()).text(room.value()).bytes())
        != null;
  }

  @Override
  public SortedMap<String, ObjectNode> signingKeys(UserId user) {
    SortedMap<String, ObjectNode> keys = new TreeMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.SIGNING_KEY).text(user.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        keys.put(
            new RowKey.Reader(cursor.key()).skipText().text(),
            LogJson.decode(cursor.value(), ObjectNode.class));
      }
    }
    return keys;
  }

  @Override
  public List<KeySignature> signatures(UserId signer, UserId target) {
    List<KeySignature> signatures = new ArrayList<>();
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.KEY_SIGNATURE).text(signer.value()).text(target.value()).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        signatures.add(LogJson.decode(cursor.value(), KeySignature.class));
      }
    }
    return signatures;
  }

  @Override
  public Optional<Media> media(ServerName server, MediaId media) {
    return get(RowKey.of(Table.MEDIA).text(server.value()).text(media.value()), Media.class);
  }

  @Override
  public long mediaBytes(UserId user) {
    return get(RowKey.of(Table.MEDIA_BYTES).text(user.value()), Long.class).orElse(0L);
  }

  @Override
  public Position reached(int accountPartition) {
    return reached.of(Topic.ACCOUNT_LOG, accountPartition);
  }

  @Override
  public Position itemsReached(int accountPartition) {
    return reached.of(Topic.ACCOUNT_ITEMS, accountPartition);
  }

  private Optional<StoredAlias> settled(RoomAlias alias) {
    return get(RowKey.of(Table.ALIAS).text(alias.value()), StoredAlias.class)
        .filter(stored -> !stored.reserved());
  }

  private static RowKey toDevice(UserId user, DeviceId device) {
    return device(Table.TO_DEVICE, user, device);
  }

  private static RowKey device(Table table, UserId user, DeviceId device) {
    return RowKey.of(table).text(user.value()).text(device.value());
  }

  private <T> Optional<T> get(RowKey key, Class<T> type) {
    byte[] value = rows.get(key.bytes());
    return value == null ? Optional.empty() : Optional.of(LogJson.decode(value, type));
  }
}
