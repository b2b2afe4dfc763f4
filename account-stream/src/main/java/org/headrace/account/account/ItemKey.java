package org.headrace.account.account;

import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.schema.log.KeyPart;

/** Reads the item keys that {@link org.headrace.schema.record.AccountItem} makes. */
final class ItemKey {
  static final String DATA = "data|";
  private static final String TO_DEVICE = "to_device|";
  private static final String KEY = "key|";

  private ItemKey() {}

  /** The prefix of a device's to-device messages. */
  static String toDevices(DeviceId device) {
    return TO_DEVICE + KeyPart.escape(device.value()) + "|";
  }

  /** The prefix of a device's one-time and fallback keys. */
  static String keys(DeviceId device) {
    return KEY + KeyPart.escape(device.value()) + "|";
  }

  static String oneTimeKey(DeviceId device, String keyId) {
    return keys(device) + KeyPart.escape(keyId);
  }

  /** Another than that of a one-time key with this id. */
  static String fallbackKey(DeviceId device, String keyId) {
    return keys(device) + KeyPart.escape(keyId) + "|fallback";
  }

  /** What is counted together: all account data, the messages of one device, the keys of one. */
  static String group(String itemKey) {
    int kind = itemKey.indexOf('|') + 1;
    if (itemKey.startsWith(DATA)) {
      return DATA;
    }
    return itemKey.substring(0, itemKey.indexOf('|', kind) + 1);
  }

  /** The device of a one-time key's item; empty for other items. */
  static Optional<DeviceId> keyDevice(String itemKey) {
    if (!itemKey.startsWith(KEY)) {
      return Optional.empty();
    }
    int end = itemKey.indexOf('|', KEY.length());
    return Optional.of(new DeviceId(KeyPart.unescape(itemKey.substring(KEY.length(), end))));
  }
}
