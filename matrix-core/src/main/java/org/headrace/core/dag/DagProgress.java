package org.headrace.core.dag;

/** Hears how far a replay is. */
@FunctionalInterface
public interface DagProgress {
  void decided(long events);
}
