package org.headrace.api.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Set;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.ShownKeys;

/** Device keys of users of this deployment, as those who encrypt for them need them. */
@Singleton
public class DeviceKeys {
  private final ShownKeys keys;

  @Inject
  public DeviceKeys(ShownKeys keys) {
    this.keys = keys;
  }

  /** Keys of the named devices, of all if none is named; with their names for people. */
  public ObjectNode of(UserId user, Set<String> devices) {
    ObjectNode json = Json.object();
    keys.devices(user, device -> devices.isEmpty() || devices.contains(device.value()))
        .forEach((device, shown) -> json.set(device.value(), withName(shown)));
    return json;
  }

  private static ObjectNode withName(ShownKeys.Device shown) {
    ObjectNode keys = shown.keys();
    ObjectNode unsigned = keys.putObject("unsigned");
    if (shown.displayName() != null) {
      unsigned.put("device_display_name", shown.displayName());
    }
    return keys;
  }
}
