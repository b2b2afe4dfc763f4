package org.headrace.api.federation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.TenantKeys;

/** Keys that a test gives to tenants. */
final class TenantKeysFake implements TenantKeys {
  private static final int SEED_BYTES = 32;

  private final Map<ServerName, SigningKey> keys = new TreeMap<>();
  private final Map<ServerName, List<OldKey>> old = new TreeMap<>();

  TenantKeysFake host(ServerName tenant) {
    byte[] seed = new byte[SEED_BYTES];
    seed[0] = (byte) (keys.size() + 1);
    keys.put(tenant, SigningKey.fromSeed("ed25519:k" + keys.size(), seed));
    return this;
  }

  void rotate(ServerName tenant, long nowMillis) {
    SigningKey before = current(tenant);
    old.put(tenant, List.of(new OldKey(before.keyId(), before.publicKeyBase64(), nowMillis)));
    byte[] seed = new byte[SEED_BYTES];
    seed[1] = 1;
    keys.put(tenant, SigningKey.fromSeed("ed25519:new", seed));
  }

  @Override
  public boolean isHosted(ServerName name) {
    return keys.containsKey(name);
  }

  @Override
  public SigningKey current(ServerName tenant) {
    SigningKey key = keys.get(tenant);
    if (key == null) {
      throw new IllegalArgumentException(tenant + " is not hosted");
    }
    return key;
  }

  @Override
  public List<OldKey> old(ServerName tenant) {
    return old.getOrDefault(tenant, List.of());
  }
}
