package org.headrace.federation.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.OptionalInt;

/**
 * The addresses of a host that the policy allows. What is connected to is what this returned, so an
 * answer of the DNS that changes later changes nothing.
 */
public final class CheckedAddresses {
  private static final int ADDRESSES_MAX = 8;

  private final AddressLookup lookup;
  private final AddressPolicy policy;

  public CheckedAddresses(AddressLookup lookup, AddressPolicy policy) {
    this.lookup = lookup;
    this.policy = policy;
  }

  /** As these, without those of the ranges. */
  public CheckedAddresses refusing(List<AddressRange> ranges) {
    return ranges.isEmpty() ? this : new CheckedAddresses(lookup, policy.closing(ranges));
  }

  /**
   * One or more addresses.
   *
   * @param host a DNS name or an IP literal without brackets
   * @throws FederationException with DENIED if the host has only addresses that are not allowed
   */
  public List<InetAddress> of(String host, Deadline deadline)
      throws UnknownHostException, FederationException {
    var literal = new HostAndPort(host, OptionalInt.empty()).literal();
    List<InetAddress> found =
        literal.isPresent() ? List.of(literal.get()) : lookup.lookup(host, deadline);
    List<InetAddress> allowed = found.stream().filter(policy::allows).limit(ADDRESSES_MAX).toList();
    if (allowed.isEmpty()) {
      throw new FederationException(
          FederationException.Reason.DENIED, "no address of " + host + " may be connected to");
    }
    return allowed;
  }
}
