package org.headrace.topology.machine;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one command sees of a partition's store: all that lies before its position, and its own
 * writes.
 *
 * <p>Cells can change and keep their older versions for a while; entries are immutable and their
 * key names their value (an event id, a hash). Keys are strings, by convention {@code
 * <kind>|<scope>|…}; they may hold any character but U+FFFF and need no escaping as long as their
 * parts do not.
 */
public interface State {
  byte @Nullable [] entry(String key);

  /** Writing an entry again with the same bytes is allowed and keeps its first position. */
  void putEntry(String key, byte[] value);

  byte @Nullable [] cell(String key);

  /**
   * Present cells whose key starts with the prefix, by key (UTF-8 byte order), {@code limit} at
   * most.
   */
  SortedMap<String, byte[]> cells(String prefix, int limit);

  void putCell(String key, byte[] value);

  void deleteCell(String key);
}
