package org.headrace.federation.client;

import org.headrace.core.id.ServerName;

/**
 * Who speaks to whom.
 *
 * @param tenant the hosted server that asks
 * @param destination the other server
 */
public record Link(ServerName tenant, ServerName destination) {}
