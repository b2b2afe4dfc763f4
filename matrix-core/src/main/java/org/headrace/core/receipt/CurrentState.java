package org.headrace.core.receipt;

import java.util.List;
import org.headrace.core.id.EventId;

/**
 * Where a room stands when an event is received.
 *
 * @param extremities the forward extremities, each once
 * @param root of the current state: the states after the extremities, resolved
 */
public record CurrentState(List<EventId> extremities, String root) {}
