package org.headrace.federation.client;

import java.util.List;
import java.util.Optional;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;

/**
 * The port to the names that are hosted here and to their keys. Asked at each use, so that tenants
 * and keys may come and go; it answers from memory.
 */
public interface TenantKeys {
  /**
   * A key that the tenant does not sign with any more.
   *
   * @param publicKey its 32 bytes in unpadded base64
   * @param expiredMillis since when, in milliseconds since 1970
   */
  record OldKey(String keyId, String publicKey, long expiredMillis) {}

  /** Whether this is the name of a tenant, exactly as written. */
  boolean isHosted(ServerName name);

  /** The newest key; throws {@link IllegalArgumentException} for a name that is not hosted. */
  SigningKey current(ServerName tenant);

  /** Those before; none for a name that is not hosted. */
  List<OldKey> old(ServerName tenant);

  /**
   * The key that a tenant signs others' events with if it is a policy server, under {@link
   * org.headrace.core.event.PolicyServer#KEY_ID}; none for a tenant that is not.
   */
  default Optional<SigningKey> policy(ServerName tenant) {
    return Optional.empty();
  }
}
