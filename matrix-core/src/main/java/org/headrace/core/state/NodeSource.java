package org.headrace.core.state;

import org.jspecify.annotations.Nullable;

/** Where a tree's nodes are read from, by their hash. */
@FunctionalInterface
public interface NodeSource {
  /** The bytes that were given to a {@link NodeSink} under this hash; null if there are none. */
  byte @Nullable [] node(String hash);
}
