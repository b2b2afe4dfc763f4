package org.headrace.ingest.room;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.core.id.UserId;
import org.headrace.http.MatrixError;
import org.headrace.schema.tenant.Tenants;

/** Whom this version can invite: users of the servers that are hosted here. */
@ApplicationScoped
public class InvitePolicy {
  @Inject Tenants tenants;

  /** Throws M_FORBIDDEN. */
  public void requireReachable(UserId user) {
    if (!tenants.isHosted(user.server())) {
      throw MatrixError.forbidden(
          "This server does not federate yet, so users of " + user.server() + " are out of reach");
    }
  }
}
