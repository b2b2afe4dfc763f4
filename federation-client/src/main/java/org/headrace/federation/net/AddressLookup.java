package org.headrace.federation.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Looks up the A and AAAA records of a host name, in the order in which they are to be tried. */
@FunctionalInterface
public interface AddressLookup {
  /**
   * The addresses, one or more. May block, for as long as the deadline allows.
   *
   * @throws UnknownHostException if there are none, or no answer came in time
   */
  List<InetAddress> lookup(String host, Deadline deadline) throws UnknownHostException;
}
