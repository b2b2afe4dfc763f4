package org.headrace.federation.client;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.federation.net.AddressPolicy;

/**
 * What an operator says about the way to other servers.
 *
 * @param addresses which addresses may be connected to
 * @param caCertificates PEM files of certificate authorities that are trusted besides the JDK's
 * @param notaries servers that are asked for the keys of others which do not answer
 * @param dnsServers name servers for SRV records; none for the system's
 */
public record FederationSettings(
    AddressPolicy addresses,
    List<Path> caCertificates,
    List<ServerName> notaries,
    List<InetSocketAddress> dnsServers) {
  public static final FederationSettings DEFAULT =
      new FederationSettings(AddressPolicy.publicOnly(), List.of(), List.of(), List.of());

  public FederationSettings {
    caCertificates = List.copyOf(caCertificates);
    notaries = List.copyOf(notaries);
    dnsServers = List.copyOf(dnsServers);
  }

  public FederationSettings withAddresses(AddressPolicy other) {
    return new FederationSettings(other, caCertificates, notaries, dnsServers);
  }

  public FederationSettings withCaCertificates(List<Path> other) {
    return new FederationSettings(addresses, other, notaries, dnsServers);
  }

  public FederationSettings withNotaries(List<ServerName> other) {
    return new FederationSettings(addresses, caCertificates, other, dnsServers);
  }

  public FederationSettings withDnsServers(List<InetSocketAddress> other) {
    return new FederationSettings(addresses, caCertificates, notaries, other);
  }
}
