package org.headrace.topology.store;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.schema.log.Position;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/** What one command sees: the store before its position, and its own writes, which stay here. */
public final class Overlay implements State {
  private final VersionedStore store;
  private final Position at;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final Map<String, Optional<byte[]>> cells = new LinkedHashMap<>();

  Overlay(VersionedStore store, Position at) {
    this.store = store;
    this.at = at;
  }

  Position at() {
    return at;
  }

  Map<String, byte[]> entries() {
    return entries;
  }

  Map<String, Optional<byte[]>> cells() {
    return cells;
  }

  @Override
  public byte @Nullable [] entry(String key) {
    byte[] own = entries.get(key);
    return own != null ? own : store.readEntry(key, at);
  }

  @Override
  public void putEntry(String key, byte[] value) {
    entries.put(key, value);
  }

  @Override
  public byte @Nullable [] cell(String key) {
    Optional<byte[]> own = cells.get(key);
    return own != null ? own.orElse(null) : store.readCell(key, at);
  }

  @Override
  public SortedMap<String, byte[]> cells(String prefix, int limit) {
    SortedMap<String, byte[]> found = VersionedStore.sorted();
    // Own deletions may hide stored cells, so as many more are read.
    store.readCells(prefix, limit + cells.size(), at, found);
    for (var own : cells.entrySet()) {
      if (own.getKey().startsWith(prefix)) {
        own.getValue()
            .ifPresentOrElse(
                value -> found.put(own.getKey(), value), () -> found.remove(own.getKey()));
      }
    }
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
