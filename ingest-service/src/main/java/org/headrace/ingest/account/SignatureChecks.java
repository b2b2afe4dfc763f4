package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.crypto.SignedKeys;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.KeyPurpose;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Which signatures that a user uploads are by a key that may sign this one (client-server API,
 * "Cross-signing"): the self-signing key signs the user's devices, devices the user's master key,
 * the user-signing key other users' master keys.
 */
@ApplicationScoped
class SignatureChecks {
  @Inject AccountsView accounts;
  @Inject Tenants tenants;

  Checked of(UserId user) {
    return new Checked(user, accounts.signingKeys(user), accounts.deviceKeys(user));
  }

  /** One request's signatures. */
  final class Checked {
    private final UserId user;
    private final SortedMap<String, ObjectNode> signing;
    private final SortedMap<DeviceId, ObjectNode> devices;
    private final List<KeySignature> valid = new ArrayList<>();
    private final SortedMap<UserId, ObjectNode> failures = new TreeMap<>();

    private Checked(
        UserId user,
        SortedMap<String, ObjectNode> signing,
        SortedMap<DeviceId, ObjectNode> devices) {
      this.user = user;
      this.signing = signing;
      this.devices = devices;
    }

    List<KeySignature> valid() {
      return List.copyOf(valid);
    }

    /** By key id: what was wrong. */
    SortedMap<UserId, ObjectNode> failures() {
      return failures;
    }

    /**
     * Takes the signatures of one key.
     *
     * @param keyId a device id, or a cross-signing key's base64
     */
    void check(UserId target, String keyId, ObjectNode signed) {
      Optional<String> hash = SignedKeys.hash(signed);
      if (hash.isEmpty()) {
        fail(target, keyId, "M_BAD_JSON", "The key is no JSON that can be signed");
      } else if (!target.equals(user)) {
        other(target, keyId, signed, hash.get());
      } else if (isMaster(signing, keyId)) {
        master(keyId, signed, hash.get());
      } else {
        device(keyId, signed, hash.get());
      }
    }

    private void other(UserId target, String keyId, ObjectNode signed, String hash) {
      boolean isKey =
          SignedKeys.publicKey(signed).map(keyId::equals).orElse(false)
              && signed.path("user_id").asText().equals(target.value());
      if (!isKey || (tenants.isHosted(target.server()) && !isPresentMaster(target, hash))) {
        fail(target, keyId, "M_NOT_FOUND", "The user has no such master key");
      } else {
        bySigningKey(target, keyId, KeyPurpose.USER_SIGNING, signed, hash);
      }
    }

    private boolean isPresentMaster(UserId target, String hash) {
      return equalsHash(accounts.signingKeys(target).get(KeyPurpose.MASTER), hash);
    }

    private void device(String keyId, ObjectNode signed, String hash) {
      ObjectNode present = keyId.isEmpty() ? null : devices.get(new DeviceId(keyId));
      if (!equalsHash(present, hash)) {
        fail(user, keyId, "M_NOT_FOUND", "You have no such device, or its keys are others");
      } else {
        bySigningKey(user, keyId, KeyPurpose.SELF_SIGNING, signed, hash);
      }
    }

    private void bySigningKey(
        UserId target, String keyId, String purpose, ObjectNode signed, String hash) {
      Optional<String> key =
          Optional.ofNullable(signing.get(purpose)).flatMap(SignedKeys::publicKey);
      if (key.isEmpty() || !take(target, keyId, key.get(), key.get(), signed, hash)) {
        fail(target, keyId, "M_INVALID_SIGNATURE", "Not signed by your " + purpose + " key");
      }
    }

    private void master(String keyId, ObjectNode signed, String hash) {
      if (!equalsHash(signing.get(KeyPurpose.MASTER), hash)) {
        fail(user, keyId, "M_NOT_FOUND", "Your master key is another");
        return;
      }
      boolean any = false;
      for (Map.Entry<DeviceId, ObjectNode> device : devices.entrySet()) {
        String name = device.getKey().value();
        String key = device.getValue().path("keys").path(SignedKeys.keyId(name)).asText();
        any |= take(user, keyId, name, key, signed, hash);
      }
      if (!any) {
        fail(user, keyId, "M_INVALID_SIGNATURE", "Not signed by a device of yours");
      }
    }

    private boolean take(
        UserId target,
        String keyId,
        String signerName,
        String signerKey,
        ObjectNode signed,
        String hash) {
      String signer = SignedKeys.keyId(signerName);
      if (!SignedKeys.isSigned(signed, user.value(), signer, signerKey)) {
        return false;
      }
      String signature = signed.path("signatures").path(user.value()).path(signer).asText();
      return valid.add(new KeySignature(target, keyId, hash, signer, signature));
    }

    private void fail(UserId target, String keyId, String errcode, String error) {
      failures
          .computeIfAbsent(target, each -> Json.object())
          .putObject(keyId)
          .put("errcode", errcode)
          .put("error", error);
    }
  }

  private static boolean isMaster(SortedMap<String, ObjectNode> signing, String keyId) {
    return Optional.ofNullable(signing.get(KeyPurpose.MASTER))
        .flatMap(SignedKeys::publicKey)
        .map(keyId::equals)
        .orElse(false);
  }

  private static boolean equalsHash(@Nullable ObjectNode keys, String hash) {
    return keys != null && SignedKeys.hash(keys).map(hash::equals).orElse(false);
  }
}
