package org.headrace.stateres.room;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** Writes that are kept back until it is known whether they happen: a room is made whole or not. */
final class BufferedState implements State {
  private final State base;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final Map<String, Optional<byte[]>> cells = new LinkedHashMap<>();

  BufferedState(State base) {
    this.base = base;
  }

  /** Makes the writes, in the order of their first. */
  void flush() {
    entries.forEach(base::putEntry);
    cells.forEach(
        (key, value) ->
            value.ifPresentOrElse(
                present -> base.putCell(key, present), () -> base.deleteCell(key)));
  }

  @Override
  public byte @Nullable [] entry(String key) {
    byte[] own = entries.get(key);
    return own != null ? own : base.entry(key);
  }

  @Override
  public void putEntry(String key, byte[] value) {
    entries.put(key, value);
  }

  @Override
  public byte @Nullable [] cell(String key) {
    Optional<byte[]> own = cells.get(key);
    return own != null ? own.orElse(null) : base.cell(key);
  }

  @Override
  public SortedMap<String, byte[]> cells(String prefix, int limit) {
    SortedMap<String, byte[]> found = base.cells(prefix, limit + cells.size());
    cells.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            value.ifPresentOrElse(present -> found.put(key, present), () -> found.remove(key));
          }
        });
    while (found.size() > limit) {
      found.remove(found.lastKey());
    }
    return found;
  }

  @Override
  public void putCell(String key, byte[] value) {
    cells.put(key, Optional.of(value));
  }

  @Override
  public void deleteCell(String key) {
    cells.put(key, Optional.empty());
  }
}
