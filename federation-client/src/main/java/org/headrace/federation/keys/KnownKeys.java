package org.headrace.federation.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;

/**
 * All keys that a server is known to have had, by key id. One that the server stops publishing
 * stays, for signatures of the time for which it was published.
 *
 * @param fetchedMillis when the server's keys came last, in milliseconds since 1970
 */
public record KnownKeys(SortedMap<String, VerifyKey> keys, long fetchedMillis) {
  static final KnownKeys NONE = new KnownKeys(new TreeMap<>(), 0);

  public KnownKeys {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
  }

  /** The key, if it is known and a signature of this time counts. */
  public Optional<VerifyKey> find(String keyId, long atMillis, boolean enforcesValidity) {
    return Optional.ofNullable(keys.get(keyId))
        .filter(key -> key.isValidAt(atMillis, enforcesValidity));
  }

  /** With what the server publishes now; beyond the limit those that ended first are left out. */
  KnownKeys with(PublishedKeys published, long nowMillis) {
    SortedMap<String, VerifyKey> merged = new TreeMap<>(keys);
    for (VerifyKey key : published.keys()) {
      merged.put(key.keyId(), key);
    }
    List<VerifyKey> oldestFirst =
        merged.values().stream()
            .sorted(Comparator.comparingLong(VerifyKey::validUntilMillis))
            .toList();
    for (int i = 0; i < oldestFirst.size() - PublishedKeys.KEYS_MAX; i++) {
      merged.remove(oldestFirst.get(i).keyId());
    }
    return new KnownKeys(merged, nowMillis);
  }

  /**
   * With what a notary says that the server published at some time: keys that were not known, and
   * later ends of those that the server itself has not ended.
   */
  KnownKeys withNotarised(PublishedKeys published) {
    SortedMap<String, VerifyKey> merged = new TreeMap<>(keys);
    for (VerifyKey key : published.keys()) {
      VerifyKey present = merged.get(key.keyId());
      boolean isLater =
          present != null
              && !present.expired()
              && present.key().equals(key.key())
              && present.validUntilMillis() < key.validUntilMillis();
      if (isLater || (present == null && merged.size() < PublishedKeys.KEYS_MAX)) {
        merged.put(key.keyId(), key);
      }
    }
    return new KnownKeys(merged, fetchedMillis);
  }

  /** For a store: {@code {fetched_ts, keys: {id: {key, valid_until_ts, expired}}}}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object().put("fetched_ts", fetchedMillis);
    ObjectNode all = json.putObject("keys");
    for (VerifyKey key : keys.values()) {
      all.putObject(key.keyId())
          .put("key", key.key())
          .put("valid_until_ts", key.validUntilMillis())
          .put("expired", key.expired());
    }
    return json;
  }

  /** Reads {@link #toJson}; throws {@link InvalidJsonException} for what is damaged. */
  public static KnownKeys fromJson(ObjectNode json) {
    SortedMap<String, VerifyKey> keys = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : json.path("keys").properties()) {
      JsonNode key = entry.getValue();
      keys.put(
          entry.getKey(),
          new VerifyKey(
              entry.getKey(),
              VerifyKey.requireKey(key.path("key").asText()),
              key.path("valid_until_ts").asLong(),
              key.path("expired").asBoolean()));
    }
    return new KnownKeys(keys, json.path("fetched_ts").asLong());
  }
}
