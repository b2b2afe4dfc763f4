package org.headrace.standalone.app;

import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationSettings;
import org.headrace.federation.client.TenantKeys;

/**
 * What this process needs to speak to other servers.
 *
 * @param keys of the tenants
 * @param policies whom each tenant speaks to
 */
public record FederationSetup(
    FederationSettings settings, FederationPolicy.OfTenants policies, TenantKeys keys) {}
