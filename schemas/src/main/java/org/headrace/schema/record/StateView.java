package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import org.headrace.core.id.EventId;
import org.jspecify.annotations.Nullable;

/**
 * A state as the log carries it (design D5): the root of its tree, and the entries in which it
 * differs from another state. Sorted by type and state key.
 *
 * @param base what it differs from: the state before this event; null: the room's current state
 *     before the record
 */
public record StateView(String root, List<StateChange> changes, @Nullable EventId base) {
  @JsonCreator
  public StateView {}

  /** Against the room's current state before the record. */
  public StateView(String root, List<StateChange> changes) {
    this(root, changes, null);
  }
}
