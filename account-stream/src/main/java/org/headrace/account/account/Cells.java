package org.headrace.account.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.KeySignature;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * What the account machine keeps of accounts and aliases, typed. All of it lies in cells, whose
 * keys are made here and nowhere else. A local user's id and a device id hold no {@code |}.
 *
 * <p>Two halves that share no cell: those written by {@link AccountFold#apply} from the log, and
 * the {@code item} and {@code items} cells written by {@link AccountFold#applyItem} from the items.
 * So the state is the log folded in order and the surviving items folded in any order.
 */
final class Cells {
  static final byte[] PRESENT = "1".getBytes(StandardCharsets.US_ASCII);

  record Account(Position passwordPosition, boolean admin) {}

  record Device(String tokenHash, @Nullable String displayName) {}

  /** Counts of one-time keys by algorithm, and algorithms whose fallback key is unused, sorted. */
  record KeyCounts(SortedMap<String, Integer> oneTimeKeys, List<String> unusedFallbackTypes) {}

  /** {@code slot}: the room's place among the user's joined rooms, or null if not joined. */
  record Membership(String membership, Position roomPosition, @Nullable Integer slot) {}

  record Alias(RoomId room, UserId creator, boolean reserved, long ts) {
    /** Whether nobody has it: the room that it was reserved for should have been made by now. */
    boolean hasLapsed(long now) {
      return reserved && now - ts > Limits.ALIAS_RESERVED_MILLIS_MAX;
    }
  }

  private final State state;

  Cells(State state) {
    this.state = state;
  }

  @Nullable Account account(UserId user) {
    return read("account|" + user, Account.class);
  }

  void putAccount(UserId user, Account account) {
    write("account|" + user, account);
  }

  @Nullable Device device(UserId user, DeviceId device) {
    return read("device|" + user + "|" + device, Device.class);
  }

  void putDevice(UserId user, DeviceId device, Device cell) {
    write("device|" + user + "|" + device, cell);
  }

  /** All devices of the user, by id. */
  List<DeviceId> devices(UserId user) {
    String prefix = "device|" + user + "|";
    List<DeviceId> found = new ArrayList<>();
    for (String cell : state.cells(prefix, Limits.DEVICES_MAX + 1).keySet()) {
      found.add(new DeviceId(cell.substring(prefix.length())));
    }
    return found;
  }

  /** Deletes the device and all that the log says of it. */
  void deleteDevice(UserId user, DeviceId device) {
    state.deleteCell("device|" + user + "|" + device);
    state.deleteCell("device_keys|" + user + "|" + device);
    state.deleteCell("key_counts|" + user + "|" + device);
    spent(user, device).clear();
  }

  @Nullable ObjectNode deviceKeys(UserId user, DeviceId device) {
    byte[] bytes = state.cell("device_keys|" + user + "|" + device);
    return bytes == null ? null : Json.parseObject(bytes);
  }

  void putDeviceKeys(UserId user, DeviceId device, ObjectNode keys) {
    write("device_keys|" + user + "|" + device, keys);
  }

  boolean hasDeviceKeys(UserId user) {
    return !state.cells("device_keys|" + user + "|", 1).isEmpty();
  }

  /** The newest step of the user's device list. */
  @Nullable DeviceListChange deviceList(UserId user) {
    return read("device_list|" + user, DeviceListChange.class);
  }

  void putDeviceList(UserId user, DeviceListChange newest) {
    write("device_list|" + user, newest);
  }

  KeyCounts keyCounts(UserId user, DeviceId device) {
    KeyCounts counts = read("key_counts|" + user + "|" + device, KeyCounts.class);
    return counts == null ? new KeyCounts(new TreeMap<>(), List.of()) : counts;
  }

  void putKeyCounts(UserId user, DeviceId device, KeyCounts counts) {
    write("key_counts|" + user + "|" + device, counts);
  }

  SortedMap<String, String> profile(UserId user) {
    byte[] bytes = state.cell("profile|" + user);
    SortedMap<String, String> fields = new TreeMap<>();
    if (bytes != null) {
      for (var field : Json.parseObject(bytes).properties()) {
        fields.put(field.getKey(), field.getValue().textValue());
      }
    }
    return fields;
  }

  void putProfile(UserId user, SortedMap<String, String> fields) {
    write("profile|" + user, fields);
  }

  boolean hasFilter(UserId user, String filterId) {
    return state.cell("filter|" + user + "|" + filterId) != null;
  }

  int filters(UserId user) {
    return counter("filters|" + user);
  }

  void putFilter(UserId user, String filterId) {
    if (!hasFilter(user, filterId)) {
      state.putCell("filter|" + user + "|" + filterId, PRESENT);
      write("filters|" + user, filters(user) + 1);
    }
  }

  @Nullable Membership membership(UserId user, RoomId room) {
    return read("member|" + user + "|" + room, Membership.class);
  }

  /** Notes a membership and keeps the slots of joined rooms, which echoes go by. */
  void putMembership(UserId user, RoomId room, String membership, Position roomPosition) {
    Membership known = membership(user, room);
    Integer slot = known == null ? null : known.slot;
    if (membership.equals("join") && slot == null) {
      slot = slots(user);
      write("slots|" + user, slot + 1);
      state.putCell(slotCell(user, slot), LogJson.encode(room));
    } else if (!membership.equals("join") && slot != null) {
      state.deleteCell(slotCell(user, slot));
      slot = null;
    }
    write("member|" + user + "|" + room, new Membership(membership, roomPosition, slot));
  }

  /** How many slots the user's joined rooms have ever taken. */
  int slots(UserId user) {
    return counter("slots|" + user);
  }

  /** The joined rooms of one chunk, by slot. */
  List<RoomId> joinedRooms(UserId user, int chunk) {
    String first = slotCell(user, chunk * Limits.ROOMS_PER_CHUNK);
    String prefix = first.substring(0, first.length() - 2);
    return state.cells(prefix, Limits.ROOMS_PER_CHUNK).values().stream()
        .map(bytes -> LogJson.decode(bytes, RoomId.class))
        .toList();
  }

  private static String slotCell(UserId user, int slot) {
    return "slot|" + user + "|" + String.format("%08x", slot);
  }

  @Nullable Alias alias(RoomAlias alias) {
    return read("alias|" + alias, Alias.class);
  }

  void putAlias(RoomAlias alias, Alias cell) {
    write("alias|" + alias, cell);
  }

  void deleteAlias(RoomAlias alias) {
    state.deleteCell("alias|" + alias);
  }

  @Nullable ObjectNode signingKey(UserId user, String purpose) {
    byte[] bytes = state.cell("signing_key|" + user + "|" + purpose);
    return bytes == null ? null : Json.parseObject(bytes);
  }

  void putSigningKey(UserId user, String purpose, ObjectNode key) {
    write("signing_key|" + user + "|" + purpose, key);
  }

  boolean hasSignature(UserId user, KeySignature signature) {
    return signature.equals(read(signatureCell(user, signature), KeySignature.class));
  }

  /** How many keys are signed by keys of the user. */
  int signatures(UserId user) {
    return counter("signatures|" + user);
  }

  /** Of one key by another the newest signature counts. */
  void putSignature(UserId user, KeySignature signature) {
    String cell = signatureCell(user, signature);
    if (state.cell(cell) == null) {
      write("signatures|" + user, signatures(user) + 1);
    }
    write(cell, signature);
  }

  private static String signatureCell(UserId user, KeySignature signature) {
    return "signature|"
        + user
        + "|"
        + KeyPart.escape(signature.target().value())
        + "|"
        + KeyPart.escape(signature.keyId())
        + "|"
        + KeyPart.escape(signature.signer());
  }

  /** Media ids that wait for their content, and until when, in milliseconds since 1970. */
  SortedMap<String, Long> pendingMedia(UserId user) {
    byte[] bytes = state.cell("media_pending|" + user);
    SortedMap<String, Long> pending = new TreeMap<>();
    if (bytes != null) {
      for (var entry : Json.parseObject(bytes).properties()) {
        pending.put(entry.getKey(), entry.getValue().longValue());
      }
    }
    return pending;
  }

  /** Beyond the limit those that expire first make room: a decision lets them only if they have. */
  void reserveMedia(UserId user, MediaId media, long expiresTs) {
    SortedMap<String, Long> pending = pendingMedia(user);
    pending.put(media.value(), expiresTs);
    while (pending.size() > Limits.MEDIA_PENDING_MAX) {
      pending.remove(Collections.min(pending.entrySet(), Map.Entry.comparingByValue()).getKey());
    }
    write("media_pending|" + user, pending);
  }

  boolean hasMedia(UserId user, MediaId media) {
    return state.cell("media|" + user + "|" + media) != null;
  }

  /** Bytes of all that the user has uploaded. */
  long mediaBytes(UserId user) {
    Long bytes = read("media_bytes|" + user, Long.class);
    return bytes == null ? 0 : bytes;
  }

  void storeMedia(UserId user, MediaId media, long usedBytes) {
    SortedMap<String, Long> pending = pendingMedia(user);
    if (pending.remove(media.value()) != null) {
      write("media_pending|" + user, pending);
    }
    state.putCell("media|" + user + "|" + media, PRESENT);
    write("media_bytes|" + user, usedBytes);
  }

  /** To-device transactions that the user has received. */
  Ring dedupe(UserId user) {
    return new Ring(state, "dedupe|" + user, Limits.DEDUPE_IDS_MAX);
  }

  /** Item keys of one-time keys that are not to be taken again. */
  Ring spent(UserId user, DeviceId device) {
    return new Ring(
        state, "spent|" + user + "|" + KeyPart.escape(device.value()), Limits.SPENT_KEYS_MAX);
  }

  /** Ids of commands of the account to itself that were decided. */
  Ring crossed(String key) {
    return new Ring(state, "crossed|" + key, Limits.CROSSED_IDS_MAX);
  }

  /** Keys of waiting messages, oldest first. */
  List<String> toDevice(UserId user, DeviceId device, int limit) {
    return itemKeys(user, ItemKey.toDevices(device), limit);
  }

  int toDeviceCount(UserId user, DeviceId device) {
    return counter("items|" + user + "|" + ItemKey.toDevices(device));
  }

  int accountDataCount(UserId user) {
    return counter("items|" + user + "|" + ItemKey.DATA);
  }

  boolean hasItem(UserId user, String itemKey) {
    return state.cell("item|" + user + "|" + itemKey) != null;
  }

  AccountItem.@Nullable OneTimeKey oneTimeKey(UserId user, String itemKey) {
    return read("item|" + user + "|" + itemKey, AccountItem.OneTimeKey.class);
  }

  /** The keys of a device, of an algorithm or all, by key id. */
  List<AccountItem.OneTimeKey> oneTimeKeys(
      UserId user, DeviceId device, @Nullable String algorithm) {
    String prefix =
        ItemKey.keys(device) + (algorithm == null ? "" : KeyPart.escape(algorithm) + ":");
    int limit = Limits.ONE_TIME_KEYS_MAX + Limits.FALLBACK_KEYS_MAX;
    return state.cells("item|" + user + "|" + prefix, limit).values().stream()
        .map(bytes -> LogJson.decode(bytes, AccountItem.OneTimeKey.class))
        .toList();
  }

  List<String> itemKeys(UserId user, String prefix, int limit) {
    String userPrefix = "item|" + user + "|";
    return state.cells(userPrefix + prefix, limit).keySet().stream()
        .map(cell -> cell.substring(userPrefix.length()))
        .toList();
  }

  /** Keys are kept whole, since claims answer with them; of all else only that it is there. */
  void putItem(AccountItem item) {
    if (!hasItem(item.user(), item.itemKey())) {
      count(item.user(), item.itemKey(), 1);
    }
    byte[] value = item instanceof AccountItem.OneTimeKey ? LogJson.encode(item) : PRESENT;
    state.putCell("item|" + item.recordKey(), value);
  }

  void deleteItem(UserId user, String itemKey) {
    if (hasItem(user, itemKey)) {
      count(user, itemKey, -1);
      state.deleteCell("item|" + user + "|" + itemKey);
    }
  }

  private void count(UserId user, String itemKey, int change) {
    String cell = "items|" + user + "|" + ItemKey.group(itemKey);
    int now = counter(cell) + change;
    if (now == 0) {
      state.deleteCell(cell);
    } else {
      write(cell, now);
    }
  }

  private int counter(String cell) {
    Integer value = read(cell, Integer.class);
    return value == null ? 0 : value;
  }

  private <T> @Nullable T read(String cell, Class<T> type) {
    byte[] bytes = state.cell(cell);
    return bytes == null ? null : LogJson.decode(bytes, type);
  }

  private void write(String cell, Object value) {
    state.putCell(cell, LogJson.encode(value));
  }

  /** Whether two JSON values are equal but for the order of members. */
  static boolean same(@Nullable JsonNode a, @Nullable JsonNode b) {
    return a == null ? b == null : a.equals(b);
  }
}
