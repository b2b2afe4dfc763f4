package org.headrace.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.http.AccessTokens;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;

/** Accounts that a test puts there; what ingest never asks is empty. */
final class FakeAccounts implements AccountsView {
  final Map<UserId, Account> accounts = new HashMap<>();
  final Map<String, Session> sessions = new HashMap<>();
  final Map<UserId, SortedMap<String, String>> profiles = new HashMap<>();
  final Map<RoomAlias, RoomId> aliases = new HashMap<>();
  final Map<RoomAlias, UserId> aliasCreators = new HashMap<>();

  final Map<UserId, SortedMap<DeviceId, ObjectNode>> deviceKeys = new HashMap<>();
  final Map<UserId, SortedMap<String, ObjectNode>> signingKeys = new HashMap<>();

  /** By {@code server/media id}. */
  final Map<String, Media> media = new HashMap<>();

  final Map<UserId, Long> mediaBytes = new HashMap<>();
  private int readsUntilSettled;
  private @Nullable Runnable settle;

  synchronized void clearAliases() {
    aliases.clear();
    aliasCreators.clear();
    settle = null;
  }

  /** The alias is there from the n-th read of any on. */
  synchronized void settleLater(int reads, RoomAlias alias, RoomId room) {
    readsUntilSettled = reads;
    settle = () -> aliases.put(alias, room);
  }

  void addSession(String token, UserId user, String device) {
    sessions.put(AccessTokens.hash(token), new Session(user, new DeviceId(device)));
  }

  @Override
  public Optional<Account> account(UserId user) {
    return Optional.ofNullable(accounts.get(user));
  }

  @Override
  public Optional<Session> session(String tokenHash) {
    return Optional.ofNullable(sessions.get(tokenHash));
  }

  @Override
  public List<Device> devices(UserId user) {
    return sessions.values().stream()
        .filter(session -> session.user().equals(user))
        .map(session -> new Device(user, session.device(), null, 0))
        .toList();
  }

  @Override
  public Optional<Device> device(UserId user, DeviceId device) {
    return devices(user).stream().filter(known -> known.device().equals(device)).findFirst();
  }

  @Override
  public SortedMap<String, String> profile(UserId user) {
    return profiles.getOrDefault(user, new TreeMap<>());
  }

  @Override
  public Optional<ObjectNode> filter(UserId user, String filterId) {
    return Optional.empty();
  }

  @Override
  public SortedMap<DeviceId, ObjectNode> deviceKeys(UserId user) {
    return deviceKeys.getOrDefault(user, new TreeMap<>());
  }

  @Override
  public List<RoomId> listed(ServerName directory, int limit) {
    return List.of();
  }

  @Override
  public boolean isListed(ServerName directory, RoomId room) {
    return false;
  }

  @Override
  public Position devicesChanged(UserId user) {
    return Position.NONE;
  }

  @Override
  public KeyCounts keyCounts(UserId user, DeviceId device) {
    return new KeyCounts(new TreeMap<>(), List.of());
  }

  @Override
  public Optional<AccountItem.AccountData> accountData(
      UserId user, @Nullable RoomId room, String type) {
    return Optional.empty();
  }

  @Override
  public List<AccountItem.AccountData> accountDataChanged(
      UserId user, Position after, Position upTo) {
    return List.of();
  }

  @Override
  public List<AccountItem.ToDevice> toDevice(
      UserId user, DeviceId device, Position after, Position upTo, int limit) {
    return List.of();
  }

  @Override
  public synchronized Optional<RoomId> alias(RoomAlias alias) {
    if (settle != null && --readsUntilSettled == 0) {
      settle.run();
    }
    return Optional.ofNullable(aliases.get(alias));
  }

  @Override
  public Optional<UserId> aliasCreator(RoomAlias alias) {
    return Optional.ofNullable(aliasCreators.get(alias));
  }

  @Override
  public List<RoomAlias> aliasesOf(RoomId room) {
    return aliases.entrySet().stream()
        .filter(entry -> entry.getValue().equals(room))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public SortedMap<String, ObjectNode> signingKeys(UserId user) {
    return signingKeys.getOrDefault(user, new TreeMap<>());
  }

  @Override
  public List<KeySignature> signatures(UserId signer, UserId target) {
    return List.of();
  }

  @Override
  public Optional<Media> media(ServerName server, MediaId media) {
    return Optional.ofNullable(this.media.get(server + "/" + media));
  }

  @Override
  public long mediaBytes(UserId user) {
    return mediaBytes.getOrDefault(user, 0L);
  }

  @Override
  public Position reached(int accountPartition) {
    return Position.NONE;
  }

  @Override
  public Position itemsReached(int accountPartition) {
    return Position.NONE;
  }
}
