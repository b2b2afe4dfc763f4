package org.headrace.projections.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SignedKeys;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.KeySignature;
import org.jspecify.annotations.Nullable;

/**
 * Keys of users of this deployment as others are shown them: with those signatures of the user's
 * own keys that are still of use. A device without keys is shown to nobody.
 */
public final class ShownKeys {
  private final AccountsView accounts;

  public ShownKeys(AccountsView accounts) {
    this.accounts = accounts;
  }

  /** A device's identity keys, and its name for people. */
  public record Device(ObjectNode keys, @Nullable String displayName) {}

  /** All devices that have keys. */
  public SortedMap<DeviceId, Device> devices(UserId user) {
    return devices(user, device -> true);
  }

  /** Those of these devices that have keys; the view is read as often for one as for all. */
  public SortedMap<DeviceId, Device> devices(UserId user, Predicate<DeviceId> wanted) {
    SortedMap<DeviceId, ObjectNode> keys = new TreeMap<>(accounts.deviceKeys(user));
    keys.keySet().removeIf(wanted.negate());
    SortedMap<DeviceId, Device> shown = new TreeMap<>();
    if (keys.isEmpty()) {
      return shown;
    }
    List<KeySignature> signatures = accounts.signatures(user, user);
    Map<DeviceId, String> names = new TreeMap<>();
    for (AccountsView.Device device : accounts.devices(user)) {
      if (device.displayName() != null) {
        names.put(device.device(), device.displayName());
      }
    }
    keys.forEach(
        (device, key) ->
            shown.put(device, device(user, device, key, signatures, names.get(device))));
    return shown;
  }

  public Optional<Device> device(UserId user, DeviceId device) {
    return Optional.ofNullable(accounts.deviceKeys(user).get(device))
        .map(
            keys ->
                device(
                    user,
                    device,
                    keys,
                    accounts.signatures(user, user),
                    accounts
                        .device(user, device)
                        .map(AccountsView.Device::displayName)
                        .orElse(null)));
  }

  private static Device device(
      UserId user,
      DeviceId device,
      ObjectNode keys,
      List<KeySignature> signatures,
      @Nullable String displayName) {
    ObjectNode shown = withSignatures(keys, device.value(), user, signatures).deepCopy();
    shown.remove("unsigned");
    return new Device(shown, displayName);
  }

  /** A user's cross-signing key of this purpose. */
  public Optional<ObjectNode> signingKey(UserId user, String purpose) {
    return Optional.ofNullable(accounts.signingKeys(user).get(purpose))
        .map(key -> signed(key, user, user));
  }

  /** A cross-signing key with what the signer's keys have signed of it. */
  public ObjectNode signed(ObjectNode key, UserId signer, UserId owner) {
    return SignedKeys.publicKey(key)
        .map(name -> withSignatures(key, name, signer, accounts.signatures(signer, owner)))
        .orElse(key);
  }

  /**
   * The key with those signatures that are of it, as it is now.
   *
   * @param name what the key is found by: a device id, or a cross-signing key's base64
   */
  private static ObjectNode withSignatures(
      ObjectNode key, String name, UserId signer, List<KeySignature> signatures) {
    ObjectNode signed = key;
    if (signatures.stream().anyMatch(signature -> signature.keyId().equals(name))) {
      Optional<String> hash = SignedKeys.hash(key);
      for (KeySignature each : signatures) {
        if (each.keyId().equals(name) && hash.map(each.signed()::equals).orElse(false)) {
          signed =
              JsonSigner.withSignature(signed, signer.value(), each.signer(), each.signature());
        }
      }
    }
    return signed;
  }
}
