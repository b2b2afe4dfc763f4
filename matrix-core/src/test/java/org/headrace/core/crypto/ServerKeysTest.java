package org.headrace.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Consumer;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.junit.jupiter.api.Test;

class ServerKeysTest {
  private static final SigningKey CURRENT = SigningKey.fromSeed("ed25519:now", new byte[32]);
  private static final SigningKey OLD = SigningKey.fromSeed("ed25519:then", seed(1));
  private static final long FETCHED = 1_700_000_000_000L;
  private static final long HOUR = 3_600_000;

  @Test
  void currentKeysHoldUntilTheirServerSays() {
    ServerKeys keys = ServerKeys.parse(response(FETCHED + HOUR));
    assertThat(at(keys, CURRENT, FETCHED, true)).contains(key(CURRENT));
    assertThat(at(keys, CURRENT, FETCHED + HOUR, true)).contains(key(CURRENT));
    assertThat(at(keys, CURRENT, FETCHED + HOUR + 1, true)).isEmpty();
  }

  @Test
  void beforeRoomVersion5NobodyAsksUntilWhen() {
    ServerKeys keys = ServerKeys.parse(response(FETCHED - HOUR));
    assertThat(at(keys, CURRENT, FETCHED, true)).isEmpty();
    assertThat(at(keys, CURRENT, FETCHED, false)).contains(key(CURRENT));
  }

  @Test
  void sevenDaysAreTheMostThatIsBelieved() {
    ServerKeys keys = ServerKeys.parse(response(CanonicalJson.INTEGER_MAX));
    long last = FETCHED + ServerKeys.VALIDITY_MAX_MILLIS;
    assertThat(at(keys, CURRENT, last, true)).isPresent();
    assertThat(at(keys, CURRENT, last + 1, true)).isEmpty();
    assertThat(keys.validUntil(Long.MAX_VALUE)).isEqualTo(CanonicalJson.INTEGER_MAX);
  }

  @Test
  void oldKeysHoldForWhatTheySignedInTheirTime() {
    ServerKeys keys = ServerKeys.parse(response(FETCHED + HOUR));
    for (boolean enforces : new boolean[] {true, false}) {
      assertThat(at(keys, OLD, 1_000, enforces)).contains(key(OLD));
      assertThat(at(keys, OLD, 1_001, enforces)).isEmpty();
    }
    assertThat(keys.validAt("ed25519:unknown", 0, true, FETCHED)).isEmpty();
  }

  @Test
  void keysAreSignedWithOneOfTheCurrentOnes() {
    ObjectNode unsigned = response(FETCHED);
    unsigned.remove("signatures");
    assertMalformed(unsigned);
    assertMalformed(JsonSigner.sign(unsigned, "a", OLD));
    assertMalformed(JsonSigner.sign(unsigned, "b", CURRENT));
    assertThat(ServerKeys.parse(JsonSigner.sign(unsigned, "a", CURRENT)).server())
        .isEqualTo(new ServerName("a"));
  }

  @Test
  void keysOfOtherAlgorithmsAreLeftOut() {
    ServerKeys keys =
        ServerKeys.parse(
            changed(
                json -> {
                  ((ObjectNode) json.path("verify_keys")).putObject("rsa:1").put("key", "!");
                  ((ObjectNode) json.path("old_verify_keys")).putObject("rsa:2");
                }));
    assertThat(keys.current()).containsOnlyKeys("ed25519:now");
    assertThat(keys.old()).containsOnlyKeys("ed25519:then");
  }

  @Test
  void malformedAnswersAreRefused() {
    assertMalformed(Json.object());
    assertMalformed(changed(json -> json.put("server_name", "no server!")));
    assertMalformed(changed(json -> json.put("valid_until_ts", "soon")));
    assertMalformed(response(FETCHED).put("valid_until_ts", 1.5));
    assertMalformed(changed(json -> json.putArray("verify_keys")));
    assertMalformed(
        changed(json -> ((ObjectNode) json.at("/verify_keys/ed25519:now")).put("key", "AAAA")));
    assertMalformed(
        changed(json -> ((ObjectNode) json.at("/old_verify_keys/ed25519:then")).remove("key")));
    assertMalformed(
        changed(
            json -> ((ObjectNode) json.at("/old_verify_keys/ed25519:then")).remove("expired_ts")));
    assertMalformed(
        changed(
            json -> {
              for (int i = 0; i < ServerKeys.KEYS_MAX; i++) {
                ((ObjectNode) json.path("old_verify_keys")).putObject("x:" + i);
              }
            }));
  }

  private static Optional<ServerKeys.PublicKey> at(
      ServerKeys keys, SigningKey key, long atMillis, boolean enforces) {
    return keys.validAt(key.keyId(), atMillis, enforces, FETCHED);
  }

  private static ServerKeys.PublicKey key(SigningKey key) {
    return ServerKeys.PublicKey.ofBytes(key.publicKey());
  }

  private static ObjectNode response(long validUntil) {
    return changed(json -> json.put("valid_until_ts", validUntil));
  }

  private static ObjectNode changed(Consumer<ObjectNode> change) {
    ObjectNode json = Json.object().put("server_name", "a").put("valid_until_ts", FETCHED);
    json.putObject("verify_keys").putObject(CURRENT.keyId()).put("key", CURRENT.publicKeyBase64());
    json.putObject("old_verify_keys")
        .putObject(OLD.keyId())
        .put("key", OLD.publicKeyBase64())
        .put("expired_ts", 1_000);
    change.accept(json);
    return JsonSigner.sign(json, "a", CURRENT);
  }

  private static void assertMalformed(ObjectNode response) {
    assertThatThrownBy(() -> ServerKeys.parse(response)).isInstanceOf(InvalidJsonException.class);
  }

  private static byte[] seed(int value) {
    byte[] seed = new byte[32];
    seed[0] = (byte) value;
    return seed;
  }
}
