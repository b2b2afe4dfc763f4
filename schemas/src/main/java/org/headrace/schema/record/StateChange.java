package org.headrace.schema.record;

import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/** One entry of a state map that is now another event, or none (null). */
public record StateChange(String type, String stateKey, @Nullable EventId eventId) {
  public StateKey key() {
    return new StateKey(type, stateKey);
  }
}
