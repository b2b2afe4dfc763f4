package org.headrace.api.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.KeySignature;

/** Device keys of users of this deployment, as those who encrypt for them need them. */
@Singleton
public class DeviceKeys {
  private final AccountsView accounts;

  @Inject
  public DeviceKeys(AccountsView accounts) {
    this.accounts = accounts;
  }

  /**
   * Keys of the named devices, of all if none is named; with their names for people, and with the
   * signatures of the user's self-signing key.
   */
  public ObjectNode of(UserId user, Set<String> devices) {
    ObjectNode json = Json.object();
    List<KeySignature> signatures = accounts.signatures(user, user);
    for (Map.Entry<DeviceId, ObjectNode> entry : accounts.deviceKeys(user).entrySet()) {
      String device = entry.getKey().value();
      if (!devices.isEmpty() && !devices.contains(device)) {
        continue;
      }
      ObjectNode keys =
          CrossSigningKeys.withSignatures(entry.getValue(), device, user, signatures).deepCopy();
      ObjectNode unsigned = keys.putObject("unsigned");
      accounts
          .device(user, entry.getKey())
          .map(AccountsView.Device::displayName)
          .ifPresent(name -> unsigned.put("device_display_name", name));
      json.set(device, keys);
    }
    return json;
  }
}
