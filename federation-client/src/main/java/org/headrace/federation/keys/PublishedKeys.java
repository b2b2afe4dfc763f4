package org.headrace.federation.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;

/**
 * What a server publishes at {@code /_matrix/key/v2/server}, checked (server-server API,
 * "Publishing Keys").
 */
record PublishedKeys(ServerName server, List<VerifyKey> keys) {
  static final int KEYS_MAX = 1_000;

  /** A claim beyond this is not believed: nobody could revoke the key. */
  static final Duration VALIDITY_MAX = Duration.ofDays(7);

  PublishedKeys {
    keys = List.copyOf(keys);
  }

  /**
   * Throws {@link InvalidJsonException} if the answer is malformed, or not signed with one of its
   * current keys.
   *
   * @param fetchedMillis when it came, in milliseconds since 1970
   */
  static PublishedKeys parse(ObjectNode answer, long fetchedMillis) {
    ServerName server = server(answer);
    JsonNode current = answer.path("verify_keys");
    JsonNode old = answer.path("old_verify_keys");
    if (!current.isObject() || current.size() + old.size() > KEYS_MAX) {
      throw new InvalidJsonException("verify_keys must be an object of 1000 keys at most");
    }
    long validUntil =
        Math.min(millis(answer, "valid_until_ts"), fetchedMillis + VALIDITY_MAX.toMillis());
    List<VerifyKey> keys = new ArrayList<>();
    boolean signed = false;
    for (Map.Entry<String, JsonNode> entry : current.properties()) {
      if (VerifyKey.isKeyId(entry.getKey())) {
        VerifyKey key = new VerifyKey(entry.getKey(), key(entry.getValue()), validUntil, false);
        keys.add(key);
        signed |= JsonSigner.verify(answer, server.value(), key.keyId(), key.bytes());
      }
    }
    if (!signed) {
      throw new InvalidJsonException("the keys are not signed with one of them");
    }
    for (Map.Entry<String, JsonNode> entry : old.properties()) {
      if (VerifyKey.isKeyId(entry.getKey()) && !current.has(entry.getKey())) {
        long expired = millis(entry.getValue(), "expired_ts");
        keys.add(new VerifyKey(entry.getKey(), key(entry.getValue()), expired, true));
      }
    }
    return new PublishedKeys(server, keys);
  }

  private static ServerName server(ObjectNode answer) {
    try {
      return new ServerName(text(answer, "server_name"));
    } catch (InvalidIdException e) {
      throw new InvalidJsonException("server_name must be a server name");
    }
  }

  private static String key(JsonNode entry) {
    return VerifyKey.requireKey(text(entry, "key"));
  }

  private static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isTextual()) {
      throw new InvalidJsonException(name + " must be a string");
    }
    return value.textValue();
  }

  private static long millis(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new InvalidJsonException(name + " must be an integer");
    }
    return value.longValue();
  }
}
