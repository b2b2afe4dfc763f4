package org.headrace.account.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/**
 * POST /keys/upload. An upload that is repeated because its answer was lost changes nothing: keys
 * that wait or were given out already are passed over, so none is given out twice.
 */
final class KeyUpload {
  private record Refusal(Failure failure, String message) {}

  private final Cells cells;
  private final Decision decision;
  private final AccountCommand.UploadKeys upload;
  private final UserId user;
  private final DeviceId device;
  private final boolean newIdentity;
  private final List<AccountItem.OneTimeKey> waiting;

  KeyUpload(Cells cells, Decision decision, AccountCommand.UploadKeys upload) {
    this.cells = cells;
    this.decision = decision;
    this.upload = upload;
    this.user = upload.user();
    this.device = upload.device();
    ObjectNode known = cells.deviceKeys(user, device);
    this.newIdentity =
        known != null
            && upload.deviceKeys() != null
            && !Cells.same(known.get("keys"), upload.deviceKeys().get("keys"));
    this.waiting = newIdentity ? List.of() : cells.oneTimeKeys(user, device, null);
  }

  List<Output> decide() {
    if (cells.device(user, device) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such device");
    }
    Optional<Refusal> refusal = badDeviceKeys().or(this::badKeys);
    if (refusal.isPresent()) {
      return decision.fail(refusal.get().failure, refusal.get().message);
    }
    Cells.KeyCounts before = cells.keyCounts(user, device);
    Cells.KeyCounts after =
        newIdentity ? new Cells.KeyCounts(zero(before.oneTimeKeys()), List.of()) : before;
    changeDeviceKeys();
    SortedMap<String, Integer> counts = new TreeMap<>(after.oneTimeKeys());
    SortedSet<String> unused = new TreeSet<>(after.unusedFallbackTypes());
    addOneTimeKeys(counts);
    replaceFallbackKeys(unused);
    decision.recordItems(user, null);
    if (!counts.equals(before.oneTimeKeys())
        || !List.copyOf(unused).equals(before.unusedFallbackTypes())) {
      recordCounts(decision, user, device, counts, List.copyOf(unused));
    }
    ObjectNode shown = Json.object();
    counts.forEach(shown::put);
    ObjectNode result = Json.object();
    result.set("one_time_key_counts", shown);
    decision.result(result);
    return decision.done();
  }

  private Optional<Refusal> badDeviceKeys() {
    ObjectNode keys = upload.deviceKeys();
    if (keys == null) {
      return Optional.empty();
    }
    if (LogJson.encode(keys).length > Limits.DEVICE_KEYS_BYTES_MAX) {
      return refusal(Failure.TOO_LARGE, "the device keys are too large");
    }
    if (!user.value().equals(keys.path("user_id").textValue())
        || !device.value().equals(keys.path("device_id").textValue())) {
      return refusal(Failure.INVALID_PARAM, "the device keys are another device's");
    }
    return Optional.empty();
  }

  private Optional<Refusal> badKeys() {
    int oneTime = (int) waiting.stream().filter(key -> !key.fallback()).count();
    for (var key : upload.oneTimeKeys().entrySet()) {
      Optional<Refusal> bad = badKey(key.getKey(), key.getValue());
      if (bad.isPresent()) {
        return bad;
      }
      AccountItem.OneTimeKey known = known(key.getKey());
      if (known != null && !known.keyObject().equals(key.getValue())) {
        return refusal(Failure.INVALID_PARAM, "a different key " + key.getKey() + " exists");
      }
      if (known == null && !isSpent(key.getKey())) {
        oneTime++;
      }
    }
    if (oneTime > Limits.ONE_TIME_KEYS_MAX) {
      return refusal(
          Failure.LIMIT_EXCEEDED,
          "a device has at most " + Limits.ONE_TIME_KEYS_MAX + " one-time keys");
    }
    SortedSet<String> algorithms = new TreeSet<>();
    waiting.stream()
        .filter(AccountItem.OneTimeKey::fallback)
        .forEach(key -> algorithms.add(algorithm(key.keyId())));
    SortedSet<String> uploaded = new TreeSet<>();
    for (var key : upload.fallbackKeys().entrySet()) {
      Optional<Refusal> bad = badKey(key.getKey(), key.getValue());
      if (bad.isPresent()) {
        return bad;
      }
      if (!uploaded.add(algorithm(key.getKey()))) {
        return refusal(Failure.INVALID_PARAM, "one fallback key per algorithm");
      }
    }
    algorithms.addAll(uploaded);
    if (algorithms.size() > Limits.FALLBACK_KEYS_MAX) {
      return refusal(Failure.LIMIT_EXCEEDED, "fallback keys of too many algorithms");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> badKey(String keyId, JsonNode keyObject) {
    int colon = keyId.indexOf(':');
    if (colon < 1 || colon == keyId.length() - 1) {
      return refusal(Failure.INVALID_PARAM, "a key's name is <algorithm>:<key id>");
    }
    if (keyId.getBytes(StandardCharsets.UTF_8).length > Limits.KEY_ID_BYTES_MAX) {
      return refusal(Failure.INVALID_PARAM, "a key's name is too long");
    }
    if (LogJson.encode(keyObject).length > Limits.KEY_OBJECT_BYTES_MAX) {
      return refusal(Failure.TOO_LARGE, "the key " + keyId + " is too large");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(Failure failure, String message) {
    return Optional.of(new Refusal(failure, message));
  }

  /**
   * Another identity is another client under the same device id: the former's keys are of no use.
   */
  private void changeDeviceKeys() {
    ObjectNode keys = upload.deviceKeys();
    if (keys == null || keys.equals(cells.deviceKeys(user, device))) {
      return;
    }
    if (newIdentity) {
      List<AccountItem.OneTimeKey> former = cells.oneTimeKeys(user, device, null);
      former.forEach(key -> decision.remove(user, key.itemKey()));
      decision.recordItems(user, null);
    }
    decision.record(
        (position, last) ->
            new AccountRecord.DeviceKeysChanged(
                position, upload.key(), upload.id(), last, user, device, keys));
    DeviceLists list = new DeviceLists(cells, decision, user);
    list.changed(device);
    list.tell(upload.ts());
  }

  private void addOneTimeKeys(SortedMap<String, Integer> counts) {
    for (var key : upload.oneTimeKeys().entrySet()) {
      if (known(key.getKey()) == null && !isSpent(key.getKey())) {
        put(key.getKey(), false, key.getValue());
        counts.merge(algorithm(key.getKey()), 1, Integer::sum);
      }
    }
  }

  private void replaceFallbackKeys(SortedSet<String> unused) {
    for (var key : upload.fallbackKeys().entrySet()) {
      AccountItem.OneTimeKey known = knownFallback(key.getKey());
      if (known != null && known.keyObject().equals(key.getValue())) {
        continue;
      }
      String algorithm = algorithm(key.getKey());
      for (AccountItem.OneTimeKey former : waiting) {
        if (former.fallback()
            && algorithm(former.keyId()).equals(algorithm)
            && !former.keyId().equals(key.getKey())) {
          decision.remove(user, former.itemKey());
        }
      }
      put(key.getKey(), true, key.getValue());
      unused.add(algorithm);
    }
  }

  private void put(String keyId, boolean fallback, JsonNode keyObject) {
    decision.put(
        new AccountItem.OneTimeKey(decision.nextItem(), user, device, keyId, fallback, keyObject));
  }

  private AccountItem.@Nullable OneTimeKey known(String keyId) {
    return newIdentity ? null : cells.oneTimeKey(user, ItemKey.oneTimeKey(device, keyId));
  }

  private AccountItem.@Nullable OneTimeKey knownFallback(String keyId) {
    return newIdentity ? null : cells.oneTimeKey(user, ItemKey.fallbackKey(device, keyId));
  }

  private boolean isSpent(String keyId) {
    return !newIdentity && cells.spent(user, device).contains(ItemKey.oneTimeKey(device, keyId));
  }

  private static SortedMap<String, Integer> zero(SortedMap<String, Integer> counts) {
    SortedMap<String, Integer> zero = new TreeMap<>();
    counts.keySet().forEach(algorithm -> zero.put(algorithm, 0));
    return zero;
  }

  static String algorithm(String keyId) {
    return keyId.substring(0, keyId.indexOf(':'));
  }

  static void recordCounts(
      Decision decision,
      UserId user,
      DeviceId device,
      SortedMap<String, Integer> counts,
      List<String> unusedFallbackTypes) {
    decision.record(
        (position, last) ->
            new AccountRecord.KeyCountsChanged(
                position,
                decision.key(),
                decision.commandId(),
                last,
                user,
                device,
                counts,
                unusedFallbackTypes));
  }
}
