package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Cross-signing keys, signatures by them, and who is shown which. */
@ExtendWith(SharedServer.class)
class CrossSigningIT {
  private static final String KEYS = V3 + "/keys/device_signing/upload";
  private static final String SIGNATURES = V3 + "/keys/signatures/upload";
  private static final int KEY_BYTES = 32;
  private static final ObjectMapper CANONICAL =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private Client alice;
  private Client bob;
  private Client carol;

  @BeforeEach
  void registerUsers(SharedServer.Server shared) {
    alice = Client.register(shared.baseUrl(), "alice");
    bob = Client.register(shared.baseUrl(), "bob");
    carol = Client.register(shared.baseUrl(), "carol");
  }

  /** An Ed25519 key. */
  private record Key(KeyPair pair, String base64) {
    static Key make() throws GeneralSecurityException {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      byte[] raw = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
      return new Key(pair, Base64.getEncoder().withoutPadding().encodeToString(raw));
    }

    String sign(ObjectNode object) throws Exception {
      ObjectNode covered = object.deepCopy();
      covered.remove(List.of("signatures", "unsigned"));
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(pair.getPrivate());
      signature.update(
          CANONICAL
              .writeValueAsString(CANONICAL.convertValue(covered, Map.class))
              .getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().withoutPadding().encodeToString(signature.sign());
    }
  }

  private static ObjectNode key(Client owner, String usage, Key key) {
    return Json.object(
        "user_id", owner.userId(),
        "usage", List.of(usage),
        "keys", Map.of("ed25519:" + key.base64(), key.base64()));
  }

  private static ObjectNode signed(ObjectNode object, Client by, String name, Key key)
      throws Exception {
    ObjectNode copy = object.deepCopy();
    copy.withObjectProperty("signatures")
        .withObjectProperty(by.userId())
        .put("ed25519:" + name, key.sign(object));
    return copy;
  }

  private static ObjectNode device(Client owner, Key key) throws Exception {
    ObjectNode device =
        Json.object(
            "user_id", owner.userId(),
            "device_id", owner.deviceId(),
            "algorithms", List.of("m.olm.v1.curve25519-aes-sha2"),
            "keys", Map.of("ed25519:" + owner.deviceId(), key.base64()));
    return signed(device, owner, owner.deviceId(), key);
  }

  private static JsonNode query(Client asker, Client owner) {
    return asker
        .post(V3 + "/keys/query", Json.object("device_keys", Map.of(owner.userId(), List.of())))
        .ok();
  }

  @Test
  void keysAndSignaturesAreShownToWhomTheyConcern() throws Exception {
    Key master = Key.make();
    Key self = Key.make();
    Key other = Key.make();
    Key phone = Key.make();
    Key bobMaster = Key.make();
    ObjectNode masterKey = key(alice, "master", master);
    ObjectNode upload =
        Json.object(
            "master_key", masterKey,
            "self_signing_key",
                signed(key(alice, "self_signing", self), alice, master.base64(), master),
            "user_signing_key",
                signed(key(alice, "user_signing", other), alice, master.base64(), master));
    alice.post(KEYS, upload).ok();
    alice.post(KEYS, upload).ok();
    bob.post(KEYS, Json.object("master_key", key(bob, "master", bobMaster))).ok();
    ObjectNode device = device(alice, phone);
    alice.post(V3 + "/keys/upload", Json.object("device_keys", device)).ok();

    ObjectNode unsignedDevice = device.deepCopy();
    unsignedDevice.remove("signatures");
    JsonNode failures =
        alice
            .post(
                SIGNATURES,
                Json.object(
                    alice.userId(),
                        Map.of(
                            alice.deviceId(), signed(unsignedDevice, alice, self.base64(), self),
                            master.base64(), signed(masterKey, alice, alice.deviceId(), phone)),
                    bob.userId(),
                        Map.of(
                            bobMaster.base64(),
                            signed(key(bob, "master", bobMaster), alice, other.base64(), other))))
            .ok()
            .path("failures");
    assertThat(failures).isEmpty();

    JsonNode seen = query(bob, alice);
    assertThat(seen.at("/master_keys").path(alice.userId()).path("signatures").toString())
        .contains("ed25519:" + alice.deviceId());
    assertThat(seen.at("/self_signing_keys").has(alice.userId())).isTrue();
    assertThat(seen.has("user_signing_keys")).isFalse();
    assertThat(
            seen.at("/device_keys")
                .path(alice.userId())
                .path(alice.deviceId())
                .path("signatures")
                .path(alice.userId()))
        .hasSize(2);
    assertThat(query(alice, alice).at("/user_signing_keys").has(alice.userId())).isTrue();
    String signer = "ed25519:" + other.base64();
    assertThat(query(alice, bob).at("/master_keys").toString()).contains(signer);
    assertThat(query(carol, bob).at("/master_keys").toString()).doesNotContain(signer);
  }

  @Test
  void otherKeysNeedThePassword() throws Exception {
    alice.post(KEYS, Json.object("master_key", key(alice, "master", Key.make()))).ok();
    ObjectNode other = Json.object("master_key", key(alice, "master", Key.make()));
    Reply asked = alice.post(KEYS, other);
    assertThat(asked.status()).isEqualTo(401);
    assertThat(Json.parse(asked.text()).at("/flows/0/stages/0").asText())
        .isEqualTo("m.login.password");
    other.set(
        "auth",
        Json.object(
            "type", "m.login.password",
            "identifier", Json.object("type", "m.id.user", "user", alice.localpart()),
            "password", Client.password(alice.localpart())));
    alice.post(KEYS, other).ok();
    assertThat(query(bob, alice).at("/master_keys").path(alice.userId()).path("keys"))
        .isEqualTo(other.at("/master_key/keys"));
  }

  @Test
  void membersOfRoomsLearnOfNewKeys() throws Exception {
    String room = alice.createRoom();
    alice.invite(room, bob);
    bob.join(room);
    bob.sync();
    alice.post(KEYS, Json.object("master_key", key(alice, "master", Key.make()))).ok();
    bob.syncUntil(
        "alice as changed",
        sync -> sync.at("/device_lists/changed").toString().contains(alice.userId()));
  }

  @Test
  void badKeysAreRefused() throws Exception {
    Key master = Key.make();
    Key self = Key.make();
    ObjectNode unsigned = key(alice, "self_signing", self);
    alice.post(KEYS, Json.object()).fails(400, "M_MISSING_PARAM");
    alice.post(KEYS, Json.object("self_signing_key", unsigned)).fails(400, "M_MISSING_PARAM");
    ObjectNode both =
        Json.object("master_key", key(alice, "master", master), "self_signing_key", unsigned);
    alice.post(KEYS, both).fails(400, "M_INVALID_SIGNATURE");
    both.set("self_signing_key", signed(unsigned, alice, master.base64(), self));
    alice.post(KEYS, both).fails(400, "M_INVALID_SIGNATURE");
    alice
        .post(KEYS, Json.object("master_key", key(bob, "master", master)))
        .fails(400, "M_INVALID_PARAM");
    alice
        .post(KEYS, Json.object("master_key", key(alice, "self_signing", master)))
        .fails(400, "M_INVALID_PARAM");
    ObjectNode noKey = key(alice, "master", master);
    noKey.set("keys", Json.object("ed25519:x", "y"));
    alice.post(KEYS, Json.object("master_key", noKey)).fails(400, "M_INVALID_PARAM");
    alice.post(KEYS, Json.object("master_key", "x")).fails(400, "M_BAD_JSON");
  }

  @Test
  void badSignaturesAreNamed() throws Exception {
    Key master = Key.make();
    alice.post(KEYS, Json.object("master_key", key(alice, "master", master))).ok();
    JsonNode failures =
        alice
            .post(
                SIGNATURES,
                Json.object(
                    alice.userId(),
                        Map.of(
                            "NOSUCH",
                            Json.object("user_id", alice.userId()),
                            master.base64(),
                            key(alice, "master", master)),
                    bob.userId(), Map.of("x", Json.object("n", 1.5))))
            .ok()
            .path("failures");
    assertThat(failures.path(alice.userId()).path("NOSUCH").path("errcode").asText())
        .isEqualTo("M_NOT_FOUND");
    assertThat(failures.path(alice.userId()).path(master.base64()).path("errcode").asText())
        .isEqualTo("M_INVALID_SIGNATURE");
    assertThat(failures.path(bob.userId()).path("x").path("errcode").asText())
        .isEqualTo("M_BAD_JSON");
    alice.post(SIGNATURES, Json.object("nobody", Json.object())).fails(400, "M_INVALID_PARAM");
    alice.post(SIGNATURES, Json.object(alice.userId(), 5)).fails(400, "M_BAD_JSON");
  }
}
