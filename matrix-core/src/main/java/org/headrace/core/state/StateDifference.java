package org.headrace.core.state;

import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/** A key whose event differs between two states; null where the state has none. */
public record StateDifference(StateKey key, @Nullable EventId left, @Nullable EventId right) {}
