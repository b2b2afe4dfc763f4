package org.headrace.federation.discovery;

import java.time.Duration;
import java.util.List;

/** Looks up SRV records. */
@FunctionalInterface
public interface SrvLookup {
  /**
   * One record.
   *
   * @param target the host name, without the final dot; empty where the record says that the
   *     service is not offered
   */
  record Record(int priority, int weight, int port, String target) {}

  /**
   * What came of a look-up.
   *
   * @param records none if the name has none
   * @param timeToLive for how long the records may be used
   * @param failed whether there was no answer at all, so that it is worth asking again soon
   */
  record Answer(List<Record> records, Duration timeToLive, boolean failed) {
    static final Answer NONE = new Answer(List.of(), Duration.ZERO, false);
    static final Answer FAILED = new Answer(List.of(), Duration.ZERO, true);
  }

  /** Blocks for a few seconds at most. */
  Answer lookup(String name);
}
