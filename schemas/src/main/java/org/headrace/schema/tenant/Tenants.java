package org.headrace.schema.tenant;

import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.jspecify.annotations.Nullable;

/**
 * The tenants of this deployment. Code asks "is this name hosted here?", never "is this my name?".
 */
public interface Tenants {
  Optional<Tenant> find(ServerName name);

  /**
   * The tenant that a request without a token belongs to: the one its Host header names (port
   * ignored unless it is part of the name), else the deployment's default tenant.
   */
  Tenant forHost(@Nullable String hostHeader);

  default boolean isHosted(ServerName name) {
    return find(name).isPresent();
  }

  /** Whether this server is hosted here, and no other. */
  boolean isAlone(ServerName name);
}
