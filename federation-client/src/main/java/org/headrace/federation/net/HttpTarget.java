package org.headrace.federation.net;

import java.net.InetAddress;

/**
 * Where a request goes.
 *
 * @param address the address to connect to, already checked
 * @param certificateName the host name or IP literal (without brackets) that the certificate must
 *     be for; sent as SNI if it is a name
 * @param hostHeader the {@code Host} header
 */
public record HttpTarget(
    InetAddress address, int port, String certificateName, String hostHeader) {}
