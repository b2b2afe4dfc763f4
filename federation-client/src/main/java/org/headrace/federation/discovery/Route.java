package org.headrace.federation.discovery;

import java.util.List;
import org.headrace.federation.net.HostAndPort;

/**
 * How a server is reached.
 *
 * @param endpoints where to connect, in the order in which to try; looked up at each connection
 * @param certificateName the name or IP literal that the certificate must be for
 * @param hostHeader the {@code Host} header of requests
 */
public record Route(List<Endpoint> endpoints, String certificateName, String hostHeader) {

  /** A host name or IP literal, and a port. */
  public record Endpoint(String host, int port) {}

  static Route to(HostAndPort host, int port, String hostHeader) {
    return new Route(List.of(new Endpoint(host.host(), port)), host.host(), hostHeader);
  }
}
