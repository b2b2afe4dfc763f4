package org.headrace.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the current request comes from, as limits count it: an IPv4 address, or the first 64 bits
 * of an IPv6 one, which are a household's. A proxy on this machine says in {@code X-Forwarded-For}
 * whom it serves; of others the header is not believed.
 */
@RequestScoped
public class ClientAddress {
  static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final int NETWORK_BYTES = 8;

  /** What may be given to {@link InetAddress#getByName} without it asking a name server. */
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  @Inject RoutingContext context;

  public String key() {
    var request = context.request();
    return key(request.remoteAddress().hostAddress(), request.getHeader(FORWARDED_FOR));
  }

  static String key(@Nullable String remote, @Nullable String forwardedFor) {
    InetAddress address = address(remote);
    if (address != null && address.isLoopbackAddress() && forwardedFor != null) {
      // The last one is the proxy's own word; those before it came with the request.
      String last = forwardedFor.substring(forwardedFor.lastIndexOf(',') + 1).strip();
      InetAddress client = address(last);
      address = client == null ? address : client;
    }
    if (address instanceof Inet6Address) {
      byte[] network = Arrays.copyOf(address.getAddress(), NETWORK_BYTES);
      return HexFormat.of().formatHex(network);
    }
    return address == null ? String.valueOf(remote) : address.getHostAddress();
  }

  private static @Nullable InetAddress address(@Nullable String text) {
    if (text == null || !LITERAL.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
