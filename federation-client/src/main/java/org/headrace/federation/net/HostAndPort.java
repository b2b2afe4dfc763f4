package org.headrace.federation.net;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.headrace.core.id.ServerName;

/**
 * The two parts of a server name.
 *
 * @param host a DNS name, an IPv4 literal, or an IPv6 literal without its brackets
 */
public record HostAndPort(String host, OptionalInt port) {
  private static final int PORT_MAX = 65_535;
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  public static HostAndPort of(ServerName server) throws FederationException {
    return parse(server.value());
  }

  /** Parses {@code host[:port]}, whose grammar was checked but for the port's range. */
  static HostAndPort parse(String text) throws FederationException {
    int colon = text.startsWith("[") ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (colon < 0) {
      return new HostAndPort(bare, OptionalInt.empty());
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    if (port == 0 || port > PORT_MAX) {
      throw new FederationException(
          FederationException.Reason.UNREACHABLE, "there is no such port: " + port);
    }
    return new HostAndPort(bare, OptionalInt.of(port));
  }

  /** The address, if the host is an IP literal; looks nothing up. */
  public Optional<InetAddress> literal() {
    if (host.indexOf(':') < 0 && !IPV4.matcher(host).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
