package org.headrace.ingest.room;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.http.MatrixError;
import org.headrace.schema.tenant.Tenants;

/** Whom users of a tenant can invite: those of servers, hosted ones too, that it federates with. */
@ApplicationScoped
public class InvitePolicy {
  @Inject FederationPolicy.OfTenants policies;
  @Inject Tenants tenants;

  /** Whether the user's server has to be asked over the network. */
  public boolean isRemote(UserId user) {
    return !tenants.isHosted(user.server());
  }

  /** Throws M_FORBIDDEN. */
  public void requireReachable(ServerName tenant, UserId user) {
    if (!policies.allow(tenant, user.server())) {
      throw MatrixError.forbidden(
          "This server does not federate with "
              + user.server()
              + ", so its users are out of reach");
    }
  }
}
