package org.headrace.core.crypto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.UnpaddedBase64;

/**
 * The keys that a server publishes, with the times for which they hold (server-server API,
 * "Publishing Keys"; room version 5, "Signing key validity period"). Key ids of other algorithms
 * than Ed25519 are left out. Times are milliseconds since 1970.
 *
 * @param current {@code verify_keys} by key id
 * @param old {@code old_verify_keys} by key id
 * @param validUntilMillis {@code valid_until_ts}: until when the current keys hold, as claimed
 */
public record ServerKeys(
    ServerName server,
    SortedMap<String, PublicKey> current,
    SortedMap<String, OldKey> old,
    long validUntilMillis) {

  /** Most keys, current and old, that one server's response may hold. */
  public static final int KEYS_MAX = 1_000;

  /** What a server claims beyond this is not believed: it could not revoke the key. */
  public static final long VALIDITY_MAX_MILLIS = 7L * 24 * 60 * 60 * 1000;

  private static final Pattern KEY_ID = Pattern.compile("ed25519:[a-zA-Z0-9_]{1,128}");

  /** An Ed25519 verification key. */
  public static final class PublicKey {
    private final byte[] bytes;

    private PublicKey(byte[] bytes) {
      this.bytes = bytes;
    }

    /** Throws {@link InvalidJsonException} unless it is base64 of 32 bytes. */
    public static PublicKey ofBase64(String base64) {
      byte[] bytes = UnpaddedBase64.decode(base64);
      if (bytes.length != Ed25519.KEY_BYTES) {
        throw new InvalidJsonException("an Ed25519 key has 32 bytes");
      }
      return new PublicKey(bytes);
    }

    public static PublicKey ofBytes(byte[] bytes) {
      if (bytes.length != Ed25519.KEY_BYTES) {
        throw new InvalidJsonException("an Ed25519 key has 32 bytes");
      }
      return new PublicKey(bytes.clone());
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof PublicKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return UnpaddedBase64.encode(bytes);
    }
  }

  /** A key that the server used until {@code expiredMillis}. */
  public record OldKey(PublicKey key, long expiredMillis) {}

  public ServerKeys {
    current = Collections.unmodifiableSortedMap(new TreeMap<>(current));
    old = Collections.unmodifiableSortedMap(new TreeMap<>(old));
  }

  /**
   * Reads the answer of {@code /_matrix/key/v2/server}, or one entry of a notary's. Throws {@link
   * InvalidJsonException} if it is malformed or not signed with one of its own current keys.
   */
  public static ServerKeys parse(ObjectNode response) {
    ServerName server;
    try {
      server = new ServerName(text(response, "server_name"));
    } catch (InvalidIdException e) {
      throw new InvalidJsonException("server_name must be a server name");
    }
    JsonNode validUntil = response.path("valid_until_ts");
    if (!validUntil.isIntegralNumber() || !validUntil.canConvertToLong()) {
      throw new InvalidJsonException("valid_until_ts must be an integer");
    }
    JsonNode verifyKeys = response.path("verify_keys");
    JsonNode oldVerifyKeys = response.path("old_verify_keys");
    if (!verifyKeys.isObject() || verifyKeys.size() + oldVerifyKeys.size() > KEYS_MAX) {
      throw new InvalidJsonException("verify_keys must be an object, with 1000 keys at most");
    }
    SortedMap<String, PublicKey> current = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : verifyKeys.properties()) {
      if (isKeyId(entry.getKey())) {
        current.put(entry.getKey(), PublicKey.ofBase64(text(entry.getValue(), "key")));
      }
    }
    SortedMap<String, OldKey> old = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : oldVerifyKeys.properties()) {
      JsonNode expired = entry.getValue().path("expired_ts");
      if (!isKeyId(entry.getKey())) {
        continue;
      }
      if (!expired.isIntegralNumber() || !expired.canConvertToLong()) {
        throw new InvalidJsonException("expired_ts must be an integer");
      }
      PublicKey key = PublicKey.ofBase64(text(entry.getValue(), "key"));
      old.put(entry.getKey(), new OldKey(key, expired.longValue()));
    }
    ServerKeys keys = new ServerKeys(server, current, old, validUntil.longValue());
    if (!keys.signed(response)) {
      throw new InvalidJsonException("the keys are not signed with one of them");
    }
    return keys;
  }

  /**
   * The key under which a signature of this time is checked; nothing if it is unknown, or not valid
   * at that time.
   *
   * @param atMillis when the signature is said to have been made: an event's {@code
   *     origin_server_ts}
   * @param enforcesValidity whether {@code valid_until_ts} counts: from room version 5 on
   * @param fetchedMillis when these keys came, by this server's clock
   */
  public Optional<PublicKey> validAt(
      String keyId, long atMillis, boolean enforcesValidity, long fetchedMillis) {
    PublicKey key = current.get(keyId);
    if (key != null) {
      return !enforcesValidity || atMillis <= validUntil(fetchedMillis)
          ? Optional.of(key)
          : Optional.empty();
    }
    OldKey expired = old.get(keyId);
    return expired != null && atMillis <= expired.expiredMillis()
        ? Optional.of(expired.key())
        : Optional.empty();
  }

  /**
   * Until when the current keys hold: what the server claims, or seven days after the keys came,
   * whichever is less.
   */
  public long validUntil(long fetchedMillis) {
    long most =
        fetchedMillis > Long.MAX_VALUE - VALIDITY_MAX_MILLIS
            ? Long.MAX_VALUE
            : fetchedMillis + VALIDITY_MAX_MILLIS;
    return Math.min(validUntilMillis, most);
  }

  private boolean signed(ObjectNode response) {
    return current.entrySet().stream()
        .anyMatch(
            entry ->
                JsonSigner.verify(
                    response, server.value(), entry.getKey(), entry.getValue().bytes));
  }

  /** Whether this names an Ed25519 key, the only algorithm that there is. */
  public static boolean isKeyId(String keyId) {
    return KEY_ID.matcher(keyId).matches();
  }

  private static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isTextual()) {
      throw new InvalidJsonException(name + " must be a string");
    }
    return value.textValue();
  }
}
