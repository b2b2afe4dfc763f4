package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
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
    // In the order of canonical JSON: there are readers who verify the text as it came.
    ObjectNode json = Json.object();
    ObjectNode old = json.putObject("old_verify_keys");
    tenants.old(tenant).stream()
        .sorted(Comparator.comparing(TenantKeys.OldKey::keyId))
        .forEach(
            key ->
                old.putObject(key.keyId())
                    .put("expired_ts", key.expiredMillis())
                    .put("key", key.publicKey()));
    json.put("server_name", tenant.value());
    json.put("valid_until_ts", clock.millis() + VALIDITY.toMillis());
    json.putObject("verify_keys").putObject(current.keyId()).put("key", current.publicKeyBase64());
    return JsonSigner.sign(json, tenant.value(), current);
  }
}
