package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.client.TenantKeys;

/** The keys of a tenant as it publishes them, signed (server-server API, "Publishing Keys"). */
@Singleton
class PublishedKeys {
  /** How long others may go on with what they have fetched. */
  private static final Duration VALIDITY = Duration.ofDays(1);

  private final TenantKeys tenants;
  private final Clock clock;

  @Inject
  PublishedKeys(TenantKeys tenants, Clock clock) {
    this.tenants = tenants;
    this.clock = clock;
  }

  ObjectNode of(ServerName tenant) {
    SigningKey current = tenants.current(tenant);
    ObjectNode json = Json.object().put("server_name", tenant.value());
    json.put("valid_until_ts", clock.millis() + VALIDITY.toMillis());
    json.putObject("verify_keys").putObject(current.keyId()).put("key", current.publicKeyBase64());
    ObjectNode old = json.putObject("old_verify_keys");
    for (TenantKeys.OldKey key : tenants.old(tenant)) {
      old.putObject(key.keyId()).put("expired_ts", key.expiredMillis()).put("key", key.publicKey());
    }
    return JsonSigner.sign(json, tenant.value(), current);
  }
}
