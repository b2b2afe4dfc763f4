package org.headrace.federation.discovery;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.headrace.core.id.ServerName;
import org.headrace.federation.net.AddressRange;
import org.headrace.federation.net.CheckedAddresses;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.HostAndPort;
import org.headrace.federation.net.PinnedHttp;

/**
 * Finds where a server is served, in the order of the specification (server-server API, "Resolving
 * server names"). The numbers of its steps are in the code.
 */
public final class ServerDiscovery {
  private final WellKnown wellKnown;
  private final SrvRecords srv;
  private final Ports ports;

  public ServerDiscovery(
      PinnedHttp http, CheckedAddresses addresses, SrvLookup srv, InstantSource clock) {
    // Any thread may ask.
    this(http, addresses, srv, clock, () -> ThreadLocalRandom.current().nextLong(), Ports.STANDARD);
  }

  ServerDiscovery(
      PinnedHttp http,
      CheckedAddresses addresses,
      SrvLookup srv,
      InstantSource clock,
      RandomGenerator random,
      Ports ports) {
    this.wellKnown = new WellKnown(http, addresses, clock, ports.https());
    this.srv = new SrvRecords(srv, clock, random);
    this.ports = ports;
  }

  /**
   * The way to the server. Look-ups and well-known files are cached.
   *
   * @param refused addresses that no well-known file is asked of, besides those of the deployment
   */
  public Route route(ServerName server, List<AddressRange> refused, Deadline deadline)
      throws FederationException {
    HostAndPort name = HostAndPort.of(server);
    // 1. and 2. An IP literal, or an explicit port.
    Optional<Route> direct = direct(name, server.value());
    if (direct.isPresent()) {
      return direct.get();
    }
    // 3. The well-known file.
    Optional<ServerName> delegated = wellKnown.delegated(name.host(), refused, deadline);
    if (delegated.isEmpty()) {
      // 4. to 6.
      return byRecords(name, server.value(), deadline);
    }
    HostAndPort delegatedName = HostAndPort.of(delegated.get());
    // 3.1. and 3.2.
    Optional<Route> directlyDelegated = direct(delegatedName, delegated.get().value());
    return directlyDelegated.isPresent()
        ? directlyDelegated.get()
        // 3.3. to 3.5.
        : byRecords(delegatedName, delegated.get().value(), deadline);
  }

  private Optional<Route> direct(HostAndPort name, String hostHeader) {
    OptionalInt port = name.port();
    if (name.literal().isPresent() || port.isPresent()) {
      return Optional.of(Route.to(name, port.orElse(ports.federation()), hostHeader));
    }
    return Optional.empty();
  }

  private Route byRecords(HostAndPort name, String hostHeader, Deadline deadline) {
    Optional<List<Route.Endpoint>> endpoints = srv.endpoints(name.host(), deadline);
    return endpoints.isPresent()
        ? new Route(endpoints.get(), name.host(), hostHeader)
        : Route.to(name, ports.federation(), hostHeader);
  }
}
