package org.headrace.http;

import org.headrace.core.id.ServerName;

/** Whom a federation request comes from, and which tenant it is for. */
public record Peer(ServerName origin, ServerName tenant) {}
