package org.headrace.projections.runner;

import java.util.LinkedHashMap;
import java.util.Map;
import org.headrace.schema.log.Position;

/** What came last beside the log in one partition, by record key; bounded. */
final class Arrivals {
  private static final int KEYS_MAX = 16_384;

  private final Map<String, Position> newest =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Position> eldest) {
          return size() > KEYS_MAX;
        }
      };

  void met(String recordKey, Position command) {
    newest.remove(recordKey);
    newest.put(recordKey, command);
  }

  /** Whether what this command, or a later one, made of the key has come. */
  boolean has(String recordKey, Position command) {
    Position position = newest.get(recordKey);
    return position != null && position.compareTo(command.withOrdinal(0)) >= 0;
  }
}
