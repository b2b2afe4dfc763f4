package org.headrace.federation.discovery;

import java.time.InstantSource;
import java.util.Random;
import org.headrace.federation.net.CheckedAddresses;
import org.headrace.federation.net.PinnedHttp;

/** A discovery with other ports than the standard's. */
public final class TestDiscovery {
  private TestDiscovery() {}

  public static ServerDiscovery with(
      PinnedHttp http,
      CheckedAddresses addresses,
      SrvLookup srv,
      InstantSource clock,
      int httpsPort,
      int federationPort) {
    return new ServerDiscovery(
        http, addresses, srv, clock, new Random(1), new Ports(httpsPort, federationPort));
  }
}
