package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.headrace.api.RemoteFailures;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.federation.call.Directory;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.AccountsView;

/** Where aliases point: those of tenants from the views, others as their servers tell. */
@Singleton
class AliasLookup {
  private final AccountsView accounts;
  private final RoomServers servers;
  private final FederationPolicy.OfTenants policies;
  private final FederationCalls calls;

  @Inject
  AliasLookup(
      AccountsView accounts,
      RoomServers servers,
      FederationPolicy.OfTenants policies,
      FederationCalls calls) {
    this.accounts = accounts;
    this.servers = servers;
    this.policies = policies;
    this.calls = calls;
  }

  /**
   * The room, and servers that can be asked about it.
   *
   * @param here in whose name another tenant is asked, if one may deny it
   * @param asking in whose name another server is asked, if one has to be
   * @throws MatrixError there is no such alias, or its server does not answer
   */
  Directory.Aliased find(RoomAlias alias, Supplier<ServerName> here, Supplier<ServerName> asking) {
    if (!policies.reachesHere(here, alias.server())) {
      try {
        return calls.directory().alias(new Link(asking.get(), alias.server()), alias);
      } catch (FederationException e) {
        throw RemoteFailures.of(e);
      }
    }
    RoomId room =
        accounts
            .alias(alias)
            .orElseThrow(() -> MatrixError.notFound("There is no such room alias"));
    Set<ServerName> named = new LinkedHashSet<>();
    named.add(alias.server());
    named.addAll(servers.toAskOf(room, alias.server()));
    return new Directory.Aliased(room, List.copyOf(named));
  }
}
