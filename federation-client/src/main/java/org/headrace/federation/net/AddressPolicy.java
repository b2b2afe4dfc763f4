package org.headrace.federation.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses may be connected to. Whatever the IANA registers for special purposes is closed
 * (private, loopback, link-local, shared, documentation, multicast and the like), so that nobody
 * can name a server that makes this one ask its own network. Ranges can be opened and closed.
 */
public final class AddressPolicy {
  /** Special-purpose ranges (IANA registries for IPv4 and IPv6). */
  private static final List<AddressRange> SPECIAL =
      ranges(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4",
          "2001::/23",
          "2001:db8::/32",
          "2002::/16",
          "3fff::/20");

  /** All that is given out of IPv6 for the open network. */
  private static final AddressRange GLOBAL_V6 = AddressRange.parse("2000::/3");

  /** Addresses that a translator makes of IPv4 ones, which are the last four bytes. */
  private static final AddressRange TRANSLATED_V4 = AddressRange.parse("64:ff9b::/96");

  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;

  private final List<AddressRange> opened;
  private final List<AddressRange> closed;

  private AddressPolicy(List<AddressRange> opened, List<AddressRange> closed) {
    this.opened = opened;
    this.closed = closed;
  }

  /** Special-purpose ranges are closed, everything else is open. */
  public static AddressPolicy publicOnly() {
    return new AddressPolicy(List.of(), List.of());
  }

  /** As this one, with these special-purpose ranges open. */
  public AddressPolicy opening(String... cidrs) {
    return opening(ranges(cidrs));
  }

  /** As this one, with these special-purpose ranges open. */
  public AddressPolicy opening(List<AddressRange> ranges) {
    return new AddressPolicy(joined(opened, ranges), closed);
  }

  /** As this one, with these ranges closed, whatever else says that they are open. */
  public AddressPolicy closing(String... cidrs) {
    return closing(ranges(cidrs));
  }

  /** As this one, with these ranges closed, whatever else says that they are open. */
  public AddressPolicy closing(List<AddressRange> ranges) {
    return new AddressPolicy(opened, joined(closed, ranges));
  }

  public boolean allows(InetAddress address) {
    if (isIn(closed, address)) {
      return false;
    }
    return isIn(opened, address) || isPublic(address);
  }

  private boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == V6_BYTES && TRANSLATED_V4.contains(bytes)) {
      return allows(v4(Arrays.copyOfRange(bytes, V6_BYTES - V4_BYTES, V6_BYTES)));
    }
    return (bytes.length == V4_BYTES || GLOBAL_V6.contains(bytes)) && !isIn(SPECIAL, address);
  }

  private static InetAddress v4(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isIn(List<AddressRange> ranges, InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }

  private static List<AddressRange> ranges(String... cidrs) {
    return Arrays.stream(cidrs).map(AddressRange::parse).toList();
  }

  private static List<AddressRange> joined(List<AddressRange> some, List<AddressRange> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }
}
