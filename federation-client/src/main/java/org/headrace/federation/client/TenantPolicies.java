package org.headrace.federation.client;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.ServerName;

/** The policies of the hosted names, as of now. */
public final class TenantPolicies implements FederationPolicy.OfTenants {
  private final Map<ServerName, FederationPolicy> byTenant;
  private final Set<FederationPolicy> distinct;

  public TenantPolicies(Map<ServerName, FederationPolicy> byTenant) {
    this.byTenant = Map.copyOf(byTenant);
    this.distinct = new LinkedHashSet<>(byTenant.values());
  }

  @Override
  public Optional<FederationPolicy> find(ServerName tenant) {
    return Optional.ofNullable(byTenant.get(tenant));
  }

  @Override
  public Collection<FederationPolicy> all() {
    return distinct;
  }
}
