package org.headrace.core.auth;

import org.headrace.core.event.Pdu;

/** One of an event's {@code auth_events}, with the verdict that it got itself. */
public record AuthEvent(Pdu event, boolean rejected) {}
