package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
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
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;

/** Accounts and aliases from Cassandra. */
final class CassandraAccountsView implements AccountsView {
  private static final ObjectNode EMPTY = Json.object();

  private static final String ACCOUNT =
      "SELECT account, devices_changed FROM account WHERE user = ?";
  private static final String TOKEN = "SELECT session FROM access_token WHERE token_hash = ?";
  private static final String DEVICES =
      "SELECT device, session, name, keys, key_counts FROM device WHERE user = ?";
  private static final String DEVICE = DEVICES + " AND device = ?";
  private static final String PROFILE = "SELECT field, value FROM profile WHERE user = ?";
  private static final String FILTER = "SELECT filter FROM filter WHERE user = ? AND filter_id = ?";
  private static final String DATA = "SELECT item FROM account_data WHERE user = ?";
  private static final String DATUM = DATA + " AND item_key = ?";
  private static final String DATA_NEWEST =
      "SELECT newest FROM account_data WHERE user = ? LIMIT 1";
  private static final String TO_DEVICE =
      "SELECT item FROM to_device"
          + " WHERE user = ? AND device = ? AND position > ? AND position <= ? LIMIT ?";
  private static final String ALIAS = "SELECT stored FROM alias WHERE alias = ?";
  private static final String ALIASES = "SELECT alias FROM alias_of_room WHERE room = ?";
  private static final String LISTED_ALL = "SELECT room FROM listed WHERE directory = ?";
  private static final String LISTED_SOME = LISTED_ALL + " LIMIT ?";
  private static final String LISTED = LISTED_ALL + " AND room = ?";
  private static final String SIGNING_KEYS = "SELECT purpose, key FROM signing_key WHERE user = ?";
  private static final String SIGNATURES =
      "SELECT signature FROM key_signature WHERE user = ? AND target = ?";
  private static final String MEDIA = "SELECT upload FROM media WHERE server = ? AND media = ?";
  private static final String MEDIA_BYTES = "SELECT bytes FROM media_of_user WHERE user = ?";

  private final Cql cql;
  private final Reached reached;

  CassandraAccountsView(Cql cql, Reached reached) {
    this.cql = cql;
    this.reached = reached;
  }

  @Override
  public Optional<Account> account(UserId user) {
    return cql.one(ACCOUNT, user.value()).flatMap(row -> Cells.json(row, "account", Account.class));
  }

  /** A token counts while its device has no newer one. */
  @Override
  public Optional<Session> session(String tokenHash) {
    return cql.one(TOKEN, tokenHash)
        .flatMap(row -> Cells.json(row, "session", Session.class))
        .filter(
            session ->
                cql.one(DEVICE, session.user().value(), session.device().value())
                    .flatMap(row -> Cells.json(row, "session", StoredSession.class))
                    .filter(stored -> stored.tokenHash().equals(tokenHash))
                    .isPresent());
  }

  @Override
  public List<Device> devices(UserId user) {
    List<Device> devices = new ArrayList<>();
    for (Row row : cql.rows(DEVICES, user.value())) {
      device(user, row).ifPresent(devices::add);
    }
    return devices;
  }

  @Override
  public Optional<Device> device(UserId user, DeviceId device) {
    return cql.one(DEVICE, user.value(), device.value()).flatMap(row -> device(user, row));
  }

  private static Optional<Device> device(UserId user, Row row) {
    return Cells.json(row, "session", StoredSession.class)
        .map(
            stored ->
                new Device(
                    user,
                    new DeviceId(Cells.text(row, 0)),
                    row.getString("name"),
                    stored.createdTs()));
  }

  @Override
  public SortedMap<String, String> profile(UserId user) {
    SortedMap<String, String> fields = new TreeMap<>();
    for (Row row : cql.rows(PROFILE, user.value())) {
      fields.put(Cells.text(row, 0), Cells.text(row, 1));
    }
    return fields;
  }

  @Override
  public Optional<ObjectNode> filter(UserId user, String filterId) {
    return cql.one(FILTER, user.value(), filterId)
        .flatMap(row -> Cells.json(row, "filter", ObjectNode.class));
  }

  @Override
  public SortedMap<DeviceId, ObjectNode> deviceKeys(UserId user) {
    SortedMap<DeviceId, ObjectNode> keys = new TreeMap<>();
    for (Row row : cql.rows(DEVICES, user.value())) {
      Cells.json(row, "keys", ObjectNode.class)
          .ifPresent(found -> keys.put(new DeviceId(Cells.text(row, 0)), found));
    }
    return keys;
  }

  @Override
  public Position devicesChanged(UserId user) {
    return cql.one(ACCOUNT, user.value())
        .map(row -> Cells.position(row, "devices_changed"))
        .orElse(Position.NONE);
  }

  @Override
  public KeyCounts keyCounts(UserId user, DeviceId device) {
    return cql.one(DEVICE, user.value(), device.value())
        .flatMap(row -> Cells.json(row, "key_counts", KeyCounts.class))
        .orElseGet(() -> new KeyCounts(new TreeMap<>(), List.of()));
  }

  @Override
  public Optional<AccountItem.AccountData> accountData(
      UserId user, @Nullable RoomId room, String type) {
    String itemKey = new AccountItem.AccountData(Position.NONE, user, room, type, EMPTY).itemKey();
    return cql.one(DATUM, user.value(), itemKey)
        .flatMap(row -> Cells.json(row, "item", AccountItem.class))
        .map(AccountItem.AccountData.class::cast);
  }

  @Override
  public List<AccountItem.AccountData> accountDataChanged(
      UserId user, Position after, Position upTo) {
    List<AccountItem.AccountData> changed = new ArrayList<>();
    Position newest =
        cql.one(DATA_NEWEST, user.value())
            .map(row -> Cells.position(row, "newest"))
            .orElse(Position.NONE);
    if (!newest.isAfter(after)) {
      return changed;
    }
    for (Row row : cql.rows(DATA, user.value())) {
      Cells.json(row, "item", AccountItem.class)
          .map(AccountItem.AccountData.class::cast)
          .filter(data -> data.position().isAfter(after) && !data.position().isAfter(upTo))
          .ifPresent(changed::add);
    }
    changed.sort(Comparator.comparing(AccountItem.AccountData::position));
    return changed;
  }

  @Override
  public List<AccountItem.ToDevice> toDevice(
      UserId user, DeviceId device, Position after, Position upTo, int limit) {
    List<AccountItem.ToDevice> messages = new ArrayList<>();
    if (after.isAfter(upTo) || limit <= 0) {
      return messages;
    }
    for (Row row :
        cql.rows(TO_DEVICE, user.value(), device.value(), after.packed(), upTo.packed(), limit)) {
      Cells.json(row, "item", AccountItem.class)
          .map(AccountItem.ToDevice.class::cast)
          .ifPresent(messages::add);
    }
    return messages;
  }

  @Override
  public Optional<RoomId> alias(RoomAlias alias) {
    return settled(alias).map(StoredAlias::room);
  }

  @Override
  public Optional<UserId> aliasCreator(RoomAlias alias) {
    return settled(alias).flatMap(stored -> Optional.ofNullable(stored.creator()));
  }

  @Override
  public List<RoomAlias> aliasesOf(RoomId room) {
    List<RoomAlias> aliases = new ArrayList<>();
    for (Row row : cql.rows(ALIASES, room.value())) {
      aliases.add(new RoomAlias(Cells.text(row, 0)));
    }
    aliases.removeIf(alias -> !alias(alias).filter(room::equals).isPresent());
    return aliases;
  }

  private Optional<StoredAlias> settled(RoomAlias alias) {
    return cql.one(ALIAS, alias.value())
        .flatMap(row -> Cells.json(row, "stored", StoredAlias.class))
        .filter(stored -> !stored.reserved());
  }

  @Override
  public List<RoomId> listed(ServerName directory, int limit) {
    List<RoomId> listed = new ArrayList<>();
    if (limit > 0) {
      for (Row row : cql.rows(LISTED_SOME, directory.value(), limit)) {
        listed.add(new RoomId(Cells.text(row, 0)));
      }
    }
    return listed;
  }

  @Override
  public boolean isListed(ServerName directory, RoomId room) {
    return cql.one(LISTED, directory.value(), room.value()).isPresent();
  }

  @Override
  public SortedMap<String, ObjectNode> signingKeys(UserId user) {
    SortedMap<String, ObjectNode> keys = new TreeMap<>();
    for (Row row : cql.rows(SIGNING_KEYS, user.value())) {
      Cells.json(row, "key", ObjectNode.class).ifPresent(key -> keys.put(Cells.text(row, 0), key));
    }
    return keys;
  }

  @Override
  public List<KeySignature> signatures(UserId signer, UserId target) {
    List<KeySignature> signatures = new ArrayList<>();
    for (Row row : cql.rows(SIGNATURES, signer.value(), target.value())) {
      Cells.json(row, "signature", KeySignature.class).ifPresent(signatures::add);
    }
    return signatures;
  }

  @Override
  public Optional<Media> media(ServerName server, MediaId media) {
    return cql.one(MEDIA, server.value(), media.value())
        .flatMap(row -> Cells.json(row, "upload", Media.class));
  }

  @Override
  public long mediaBytes(UserId user) {
    return cql.one(MEDIA_BYTES, user.value()).map(row -> row.getLong(0)).orElse(0L);
  }

  @Override
  public Position reached(int accountPartition) {
    return reached.of(Topic.ACCOUNT_LOG, accountPartition);
  }

  @Override
  public Position itemsReached(int accountPartition) {
    return reached.of(Topic.ACCOUNT_ITEMS, accountPartition);
  }
}
