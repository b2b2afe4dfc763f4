package org.headrace.sender.queue;

import org.headrace.schema.federation.QueueRecord;

/**
 * A thing that waits for a destination.
 *
 * @param offset its place: the offset on {@code federation.queue}
 * @param ts when it was queued, milliseconds since 1970
 */
public record QueuedEntry(long offset, long ts, QueueRecord record) {}
