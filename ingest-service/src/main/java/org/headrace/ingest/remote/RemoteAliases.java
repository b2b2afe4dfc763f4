package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
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

/** Where an alias points: as the views know for hosted servers, else as its server says. */
@ApplicationScoped
public class RemoteAliases {
  /** Servers of an answer that are looked at. */
  private static final int SERVERS_MAX = 50;

  @Inject AccountsView accounts;
  @Inject FederationCalls calls;
  @Inject FederationPolicy.OfTenants policies;

  /** A room, and servers to reach it through. */
  public record Place(RoomId room, List<ServerName> servers) {}

  /** Throws M_NOT_FOUND for an alias that nobody knows; 502 if its server does not answer. */
  public Place resolve(ServerName tenant, RoomAlias alias) {
    if (policies.reachesHere(tenant, alias.server())) {
      return accounts
          .alias(alias)
          .map(room -> new Place(room, List.of()))
          .orElseThrow(() -> MatrixError.notFound("This room alias is not known here"));
    }
    try {
      return ask(new Link(tenant, alias.server()), alias);
    } catch (FederationException e) {
      Attempts attempts = new Attempts();
      attempts.add(alias.server(), e);
      throw attempts.error();
    }
  }

  private Place ask(Link link, RoomAlias alias) throws FederationException {
    Directory.Aliased answer = calls.directory().alias(link, alias);
    List<ServerName> servers =
        new ArrayList<>(answer.servers().stream().limit(SERVERS_MAX).toList());
    if (!servers.contains(alias.server())) {
      servers.add(alias.server());
    }
    return new Place(answer.room(), servers);
  }
}
