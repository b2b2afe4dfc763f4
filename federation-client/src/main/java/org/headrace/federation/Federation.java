package org.headrace.federation;

import java.time.InstantSource;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationSettings;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.keys.ServerKeyStore;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.federation.signatures.PduSignatures;
import org.headrace.federation.signatures.RequestAuthenticator;

/**
 * The library's parts, put together. One of these serves a process; closing it ends its
 * connections.
 */
public record Federation(
    FederationClient client,
    FederationCalls calls,
    ServerKeys keys,
    RequestAuthenticator authenticator,
    PduSignatures pduSignatures,
    LocalSignatures localSignatures)
    implements AutoCloseable {

  /** Throws {@link IllegalArgumentException} for files of certificates that are none. */
  public static Federation open(
      FederationSettings settings,
      FederationPolicy.OfTenants policies,
      TenantKeys tenants,
      ServerKeyStore store,
      InstantSource clock) {
    return with(
        FederationClient.open(settings, policies, tenants, clock),
        settings,
        policies,
        tenants,
        store,
        clock);
  }

  /** Of a client with look-ups of its own. */
  public static Federation with(
      FederationClient client,
      FederationSettings settings,
      FederationPolicy.OfTenants policies,
      TenantKeys tenants,
      ServerKeyStore store,
      InstantSource clock) {
    ServerKeys keys = new ServerKeys(client, tenants, store, settings.notaries(), clock);
    return new Federation(
        client,
        FederationCalls.with(client),
        keys,
        new RequestAuthenticator(tenants, policies, keys, clock),
        new PduSignatures(keys),
        new LocalSignatures(tenants));
  }

  @Override
  public void close() throws Exception {
    client.close();
  }
}
