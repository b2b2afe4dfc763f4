package org.headrace.http;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.SortedSet;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.tenant.Tenants;

/**
 * Which rooms of the deployment a tenant gets at without the network: sharing a room's log saves
 * the copy, never a rule (design D9).
 */
@Singleton
public class RoomReach {
  private final RoomsView rooms;
  private final Tenants tenants;
  private final FederationPolicy.OfTenants policies;

  @Inject
  public RoomReach(RoomsView rooms, Tenants tenants, FederationPolicy.OfTenants policies) {
    this.rooms = rooms;
    this.tenants = tenants;
    this.policies = policies;
  }

  /**
   * Whether the tenant is in the room, or has to do with another one that is; or nobody is, so that
   * nobody is denied.
   */
  public boolean isReached(RoomId room, ServerName tenant) {
    if (tenants.isAlone(tenant) || !policies.restrict() || rooms.isJoined(room, tenant)) {
      return true;
    }
    SortedSet<ServerName> servers = rooms.servers(room);
    return servers.isEmpty()
        || servers.stream().anyMatch(server -> policies.reachesHere(tenant, server));
  }
}
