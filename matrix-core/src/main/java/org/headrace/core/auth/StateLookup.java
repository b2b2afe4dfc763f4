package org.headrace.core.auth;

import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;

/** A room state as the rules read it, one entry at a time. */
@FunctionalInterface
public interface StateLookup {
  Optional<Pdu> get(StateKey key);

  /** The state that these events make. */
  static StateLookup of(Map<StateKey, Pdu> state) {
    return key -> Optional.ofNullable(state.get(key));
  }
}
